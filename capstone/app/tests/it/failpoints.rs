//! Fail points are in the program that the crash campaign builds, and nowhere else.

#[test]
fn only_a_program_with_the_feature_knows_fail_points() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_capstone")).unwrap();
    for text in ["CAPSTONE_FAILPOINT", "settle_deleted"] {
        let is_there = program.windows(text.len()).any(|window| window == text.as_bytes());
        assert_eq!(is_there, cfg!(feature = "failpoints"), "{text}");
    }
}
