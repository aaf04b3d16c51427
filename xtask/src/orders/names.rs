//! Words for the example messages: people, goods, files, notes. In several scripts on purpose.

pub(super) const CUSTOMERS: [&str; 16] = [
    "Ada Lovelace",
    "Zoë Müller",
    "José Álvarez",
    "李雷",
    "Ольга Иванова",
    "Søren Ødegård",
    "François Lefèvre",
    "佐藤 花子",
    "Amina El-Sayed",
    "Nguyễn Văn An",
    "Łukasz Wójcik",
    "Priya Nair",
    "Σοφία Παππά",
    "Grace Hopper",
    "Björk Jónsdóttir",
    "Tomáš Dvořák",
];

/// Name and price in cents.
pub(super) const GOODS: [(&str, u64); 12] = [
    ("notebook", 450),
    ("fountain pen", 2_990),
    ("desk lamp", 4_900),
    ("café au lait bowl", 1_250),
    ("wool blanket", 7_900),
    ("tea 250 g", 890),
    ("headphones", 12_900),
    ("bicycle bell", 1_190),
    ("poster “Tōkyō”", 1_900),
    ("umbrella", 2_450),
    ("chess set", 3_990),
    ("seeds: tomato", 320),
];

pub(super) const FILES: [&str; 8] = [
    "invoice.pdf",
    "report.pdf",
    "photo-0417.jpg",
    "Übersicht.xlsx",
    "passport scan.png",
    "contrat-signé.pdf",
    "backup.tar.zst",
    "音声メモ.m4a",
];

pub(super) const NOTES: [&str; 8] = [
    "please ring twice",
    "gift wrap 🎁",
    "",
    "leave it with the neighbour",
    "livraison après 18 h",
    "Bitte nicht knicken!",
    "say \"hello\" to Bob",
    "",
];

pub(super) const CHANNELS: [&str; 3] = ["email", "sms", "push"];
