// All of these pages work without this script. It numbers the lines of the editor, leads to
// the line of a fault, and asks before an edit is lost.
'use strict';

(() => {
	const text = document.getElementById('text');
	if (!text || text.tagName !== 'TEXTAREA') return;

	const gutter = document.createElement('div');
	gutter.className = 'gutter';
	gutter.setAttribute('aria-hidden', 'true');
	text.before(gutter);
	let lines = 0;
	const number = () => {
		const n = text.value.split('\n').length;
		if (n !== lines) {
			lines = n;
			gutter.textContent = Array.from({ length: n }, (_, i) => i + 1).join('\n') + '\n\n';
		}
		gutter.scrollTop = text.scrollTop;
	};
	text.addEventListener('input', number);
	text.addEventListener('scroll', () => { gutter.scrollTop = text.scrollTop; });
	number();

	// The link of a fault leads to its line.
	document.addEventListener('click', (ev) => {
		const link = ev.target.closest('[data-line]');
		if (!link) return;
		ev.preventDefault();
		const line = Number(link.dataset.line);
		const all = text.value.split('\n');
		const from = all.slice(0, line - 1).reduce((n, s) => n + s.length + 1, 0);
		text.focus();
		text.setSelectionRange(from, from + (all[line - 1] ?? '').length);
		const height = parseFloat(getComputedStyle(text).lineHeight);
		text.scrollTop = Math.max(0, (line - 4) * height);
		text.scrollIntoView({ block: 'center' });
	});

	// An edit that was not checked is not lost by a click.
	const first = text.value;
	let leaving = false;
	document.addEventListener('submit', () => { leaving = true; });
	addEventListener('beforeunload', (ev) => {
		if (!leaving && text.value !== first) ev.preventDefault();
	});
})();
