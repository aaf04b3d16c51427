// Lets a reader step through the timelines of a page, in text or drawn, one event at a time. Without it the page has every timeline
// as a whole; this only adds buttons below each, and fades what lies ahead. Asks the server of the page for its own drawings.
(() => {
    'use strict';

    const RULER = /^ *ms +\d/;
    const TICKS = /^[ ╷]+$/;
    // `   100 ms  4  consumer  took event 1`, or the same without the moment if it is that of the line above.
    const ENTRY = /^ *(?:(\d+) ms)? +(\d+)  (\S.*)$/;

    // An element around `text`, which belongs to event `number`.
    function part(kind, number, text) {
        const span = document.createElement('span');
        span.className = kind;
        span.dataset.event = number;
        span.textContent = text;
        return span;
    }

    // The row of a task: each of its numbers, and the line from each to the next, belong to an event.
    function lane(line, gutter) {
        const numbers = line.slice(gutter).matchAll(/(\d+)(\D*)/g);
        const parts = [...numbers].flatMap(([, number, after]) => [
            part('event', number, number),
            part('after', number, after),
        ]);
        const before = line.slice(gutter).search(/\d/);
        return [before < 0 ? line : line.slice(0, gutter + before), ...parts];
    }

    // Cuts the text of a block into parts, of which some belong to events; and says what happens at each event.
    function cut(text) {
        const parts = [];
        const events = [];
        let gutter = null;
        let moment = '';
        for (const line of text.split('\n')) {
            const entry = line.match(ENTRY);
            if (RULER.test(line)) {
                gutter = line.search(/\d/);
                parts.push(line);
            } else if (entry && Number(entry[2]) === events.length + 1) {
                moment = entry[1] ?? moment;
                events.push(`at ${moment} ms, ${entry[3].replace(/ {2,}/, ': ')}`);
                const indent = line.search(/\S/);
                parts.push(line.slice(0, indent), part('event', entry[2], line.slice(indent)));
            } else if (line.trim() === '' || gutter === null || TICKS.test(line)) {
                if (line.trim() === '') gutter = null;
                parts.push(line);
            } else {
                parts.push(...lane(line, gutter));
            }
            parts.push('\n');
        }
        parts.pop();
        return { parts, events };
    }

    function button(label, key, action) {
        const made = document.createElement('button');
        made.type = 'button';
        made.textContent = label;
        made.setAttribute('aria-keyshortcuts', key);
        made.addEventListener('click', action);
        return made;
    }

    // Buttons below `place`. `show` shows the timeline up to an event; step 0 is the timeline as a whole.
    function attach(place, events, show) {
        const group = document.createElement('div');
        const told = document.createElement('output');
        let step = 0;

        function go(to) {
            step = Math.min(Math.max(to, 0), events.length);
            show(step);
            back.setAttribute('aria-disabled', step === 0);
            forward.setAttribute('aria-disabled', step === events.length);
            whole.setAttribute('aria-disabled', step === 0);
            told.textContent = step === 0 ? `${events.length} events` : `${step} of ${events.length}: ${events[step - 1]}`;
        }

        const back = button('Back', 'ArrowLeft', () => go(step - 1));
        const forward = button('Forward', 'ArrowRight', () => go(step + 1));
        const whole = button('Whole', 'Escape', () => go(0));
        const keys = {
            ArrowLeft: () => go(step - 1),
            ArrowRight: () => go(step + 1),
            Home: () => go(1),
            End: () => go(events.length),
            Escape: () => go(0),
        };
        group.addEventListener('keydown', (event) => {
            if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
            keys[event.key]();
            // The book turns its pages by the arrows.
            event.preventDefault();
            event.stopPropagation();
        });

        group.className = 'steps';
        group.setAttribute('role', 'group');
        group.setAttribute('aria-label', 'Step through the timeline');
        told.setAttribute('aria-live', 'polite');
        group.append(back, forward, whole, told);
        place.after(group);
        // On paper every timeline is whole.
        addEventListener('beforeprint', () => go(0));
        go(0);
    }

    // Marks what an event is about in the text of a block, and what comes after it.
    function showInText(block, step) {
        for (const span of block.querySelectorAll('[data-event]')) {
            const number = Number(span.dataset.event);
            span.classList.toggle('later', step > 0 && number > step);
            span.classList.toggle('now', number === step && span.classList.contains('event'));
        }
        // A timeline that is wider than its block scrolls to the event, and the page stays where it is.
        const now = block.querySelector('.now');
        if (!now) return;
        const room = block.getBoundingClientRect();
        const at = now.getBoundingClientRect();
        if (at.left < room.left || at.right > room.right) block.scrollLeft += at.left - room.left - room.width / 2;
    }

    for (const block of document.querySelectorAll('pre > code.language-text')) {
        const { parts, events } = cut(block.textContent);
        if (events.length < 2) continue;
        block.replaceChildren(...parts);
        attach(block.closest('pre'), events, (step) => showInText(block, step));
    }

    // A drawing says in words what happens: `1. At 0 ms, consumer: took event 1. 2. At …`.
    function eventsOf(drawing) {
        const story = new DOMParser().parseFromString(drawing, 'image/svg+xml').querySelector('desc')?.textContent ?? '';
        const sentences = story.split(/(?:^|\. )(?=\d+\. At \d+ ms, )/).filter((sentence) => sentence !== '');
        const events = sentences.map((sentence) => sentence.match(/^\d+\. At (\d+ ms, .*)$/)?.[1]);
        return events.includes(undefined) ? [] : events.map((event) => `at ${event.replace(/\.$/, '')}`);
    }

    // A drawing up to an event. Each number is a line of its source, and the words behind it are the lines that follow.
    function drawnTo(drawing, step) {
        let number = 0;
        const lines = drawing.split('\n').map((line) => {
            const circle = line.match(/^<circle class="(c\d)" cx="(\d+)" cy="(\d+)".*<text class="n"[^>]*>(\d+)</);
            const isWords = number > 0 && line.startsWith('<text x=');
            number = circle ? Number(circle[4]) : isWords ? number : 0;
            if (number > step) return `<g opacity="0.25">${line}</g>`;
            if (number < step || !circle) return line;
            return `${line}<circle class="${circle[1]}" style="fill:none" stroke-width="2" cx="${circle[2]}" cy="${circle[3]}" r="12"/>`;
        });
        return `data:image/svg+xml,${encodeURIComponent(lines.join('\n'))}`;
    }

    // A file that is opened without a server cannot be read here, and its drawings stay as they are.
    const isServed = location.protocol.startsWith('http');
    for (const picture of isServed ? document.querySelectorAll('main img[src$=".svg"]') : []) {
        const whole = picture.src;
        fetch(whole)
            .then((answer) => answer.text())
            .then((drawing) => {
                const events = eventsOf(drawing);
                if (events.length < 2) return;
                attach(picture, events, (step) => (picture.src = step === 0 ? whole : drawnTo(drawing, step)));
            })
            .catch(() => {});
    }

    // What is folded is printed too. Browsers that know `::details-content` need no help with that.
    addEventListener('beforeprint', () => {
        for (const folded of document.querySelectorAll('details:not([open])')) {
            folded.open = true;
            addEventListener('afterprint', () => (folded.open = false), { once: true });
        }
    });
})();
