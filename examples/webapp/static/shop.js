'use strict';
const $ = (id) => document.getElementById(id);
const make = (tag, name, ...children) => {
	const e = document.createElement(tag);
	e.className = name;
	e.append(...children);
	return e;
};
const post = (path, body) => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body || {}) });
const say = (text) => { $('said').textContent = text; };

beckon('boot', {});

// A survey: the script shows the message, and the page what to answer it with.
beckon('render', 'survey', (delivery, body, close) => {
	const answers = make('p', '');
	for (const text of ['Not at all', 'It was fine', 'Loved it']) {
		const b = make('button', 'action', text);
		b.type = 'button';
		b.addEventListener('click', () => beckon('trackEvent', 'answered-survey', { survey: delivery.message, answer: text }));
		answers.append(b, ' ');
	}
	body.append(answers);
});

// One upload after the other, however quick the clicks are: each takes its time.
let uploads = Promise.resolve();
$('upload').addEventListener('submit', (ev) => {
	ev.preventDefault();
	const name = $('name').value;
	uploads = uploads.then(() => upload(name)).catch(() => say('The upload failed: try again.'));
});
const upload = async (name) => {
	const before = newest;
	const res = await post('/upload', { name });
	if (!res.ok) return say(await res.text());
	const metadata = await res.json();
	beckon('trackEvent', 'upload-complete', metadata);
	say(metadata.file_name + ' was uploaded in ' + metadata.duration + ' minutes.');
	for (let i = 0; i < 20 && newest === before; i++) {
		await new Promise((done) => setTimeout(done, 100));
		await refresh();
	}
};

document.addEventListener('click', async (ev) => {
	const b = ev.target.closest('button');
	if (!b) return;
	if (b.dataset.watch) {
		beckon('trackEvent', 'watched-video', { title: b.dataset.watch });
		say('You watched ' + b.dataset.watch + '.');
		soon();
	}
	if (b.dataset.buy) {
		const res = await post('/buy', { id: b.dataset.buy });
		if (res.status === 401) {
			$('email').focus();
			return say('Sign in first, so that the receipt finds you.');
		}
		say(res.ok ? 'Sold. The receipt is in your mail.' : await res.text());
		beckon('update');
		soon();
	}
	if (b.id === 'wait') {
		await post('/wait');
		say('An hour has passed.');
		soon();
	}
	if (b.dataset.why) explain(b);
});

// What a rule asked for, and what it saw.
const rule = (title, trace) => {
	const list = make('ul', 'rule');
	const line = (t) => {
		const seen = t.of ? '' : t.unknown ? ' (unknown)' : t.seen ? ' (it is ' + t.seen + ')' : '';
		list.append(make('li', t.matched ? 'yes' : 'no', make('code', '', t.rule), seen));
		for (const inner of t.of || []) line(inner);
	};
	line(trace);
	return make('div', '', make('b', '', title), list);
};

const explained = new Map();
const explain = async (b) => {
	const key = b.dataset.why;
	if (explained.delete(key)) return refresh();
	const res = await fetch('/panel/why?message=' + encodeURIComponent(b.dataset.message));
	if (!res.ok) {
		explained.set(key, make('div', 'why', await res.text()));
		return refresh();
	}
	const { trace, because } = await res.json();
	const box = make('div', 'why', make('p', '', 'If it happened again now: ' + (trace.sent ? 'it would be sent.' : 'held, ' + trace.reason + ': ' + because + '.')));
	if (trace.retry_at) box.append(make('p', '', 'It could be sent from ' + time(trace.retry_at) + ' on.'));
	if (trace.sends) box.append(make('p', '', 'Sent before: ' + trace.sends + ', last at ' + time(trace.last_sent) + '.'));
	if (trace.where) box.append(rule('The event', trace.where));
	if (trace.audience) box.append(rule('The audience', trace.audience));
	explained.set(key, box);
	refresh();
};

const time = (text) => new Date(text).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

let shown = '';
let newest = 0;
const refresh = async () => {
	const res = await fetch('/panel');
	if (!res.ok) return;
	const { clock, entries } = await res.json();
	$('clock').textContent = time(clock);
	const state = JSON.stringify([entries, [...explained.keys()]]);
	if (state === shown) return;
	shown = state;
	newest = entries.length ? entries[0].number : 0;
	$('empty').hidden = entries.length > 0;
	const focused = document.activeElement && document.activeElement.dataset.why;
	$('entries').replaceChildren(...entries.map((e) => {
		const verdict = make('span', 'badge', e.sent ? 'sent' : 'held');
		const item = make('li', e.sent ? 'entry sent' : 'entry held', make('time', '', time(e.at)), make('div', 'what', make('b', '', e.message), make('span', 'meta', e.channel + ', on a' + (/^[aeiou]/.test(e.on) ? 'n ' : ' ') + e.on)), verdict);
		if (!e.sent) {
			item.append(make('p', 'reason', make('code', '', e.reason), ' ' + e.because + (e.retry_at ? ', until ' + time(e.retry_at) : '') + '.'));
		}
		const b = make('button', 'link', 'Why?');
		b.dataset.why = String(e.number);
		b.dataset.message = e.message;
		b.setAttribute('aria-label', 'Why was ' + e.message + ' ' + (e.sent ? 'sent' : 'held') + '?');
		b.setAttribute('aria-expanded', String(explained.has(b.dataset.why)));
		item.append(b);
		if (explained.has(b.dataset.why)) item.append(explained.get(b.dataset.why));
		if (focused === b.dataset.why) queueMicrotask(() => b.focus());
		return item;
	}));
};
const soon = () => {
	for (const ms of [150, 500, 1200]) setTimeout(refresh, ms);
};
refresh();
setInterval(() => { if (!document.hidden) refresh(); }, 3000);
