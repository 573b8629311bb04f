// beckon.js: events of a page to beckonhttp.Browser, and what is to be shown back.
// It is served without comments and indentation, and with beckon.css where that is named:
// a comment has a line of its own.
(() => {
	'use strict';
	const script = document.currentScript;
	const src = new URL((script && script.src) || '/beckon.js', location.href);
	// Some tag managers drop data attributes, so the address may say the same.
	const option = (name) => (script && script.dataset[name]) || src.searchParams.get(name) || '';
	const name = option('global') || 'beckon';
	const stub = window[name];
	if (stub && stub.beckon) return;
	const endpoint = (option('endpoint') || src.origin + src.pathname.replace(/\.js$/, '')).replace(/\/$/, '');
	const prefix = 'beckon:';

	let settings = null;
	let since = Date.now(), url = location.href;
	let queue = [];
	let session = 0, busy = 0, failures = 0, timer = 0, poll = 0;
	const seen = new Set(), renders = {};

	// Storage may be full, or forbidden: then what is kept lives as long as the page.
	const memory = {};
	const store = (key, value) => {
		memory[key] = value;
		try {
			if (value === null) localStorage.removeItem(prefix + key);
			else localStorage.setItem(prefix + key, value);
		} catch {}
	};
	const load = (key) => {
		try {
			memory[key] = localStorage.getItem(prefix + key) ?? memory[key];
		} catch {}
		return memory[key];
	};
	const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => (b + 256).toString(16).slice(1)).join('');
	const visitor = () => {
		if (!load('visitor')) store('visitor', random());
		return load('visitor');
	};
	const identity = (s) => String(s.user_id || s.email || '');

	const page = () => {
		if (url !== location.href) {
			url = location.href;
			since = Date.now();
		}
		return { url: url.slice(0, 8000), seconds: (Date.now() - since) / 1000 | 0 };
	};

	const post = (item) => {
		const body = JSON.stringify(item.body);
		const headers = { 'Content-Type': 'application/json', 'Beckon-Anonymous-Id': visitor() };
		if (option('source')) headers['Beckon-Source'] = option('source');
		if (settings.user_id && settings.user_hash) {
			// A header has characters of Latin-1 only.
			headers['Beckon-User-Id'] = encodeURIComponent(settings.user_id);
			headers['Beckon-User-Hash'] = settings.user_hash;
		}
		// A request that outlives its page has at most 64 KiB.
		return fetch(endpoint + '/' + item.path, { method: 'POST', headers, body, credentials: 'include', keepalive: body.length < 5e4 });
	};

	// What was tracked is kept until the server has answered, and has one id for all tries.
	// It is of whom the page was then: for others it stays until it is too old.
	const add = (path, body, kept) => {
		const item = { path, body, user: identity(settings), at: Date.now() };
		if (kept) {
			item.key = 'q' + item.at.toString(36) + random().slice(0, 8);
			store(item.key, JSON.stringify(item));
		} else {
			queue = queue.filter((other, i) => other.path !== path || i < busy);
		}
		queue.push(item);
		// Of a server that does not answer for long the oldest events are lost.
		if (queue.length > 100) store(queue.splice(busy, 1)[0].key || '', null);
		flush();
	};
	const recall = () => {
		try {
			for (const key of Object.keys(localStorage).sort()) {
				if (!key.startsWith(prefix + 'q')) continue;
				let item = {};
				try {
					item = JSON.parse(localStorage[key]);
				} catch {}
				if (!(Date.now() - item.at < 864e5)) localStorage.removeItem(key);
				else if (item.user === identity(settings) && !queue.some((other) => other.key === item.key)) queue.push(item);
			}
		} catch {}
	};

	const retry = () => {
		clearTimeout(timer);
		timer = 0;
		flush();
	};
	const flush = async () => {
		if (busy || timer || !settings) return;
		busy = 1;
		const mine = session;
		while (mine === session && queue.length) {
			const item = queue[0];
			let res = null;
			let answer = null;
			try {
				res = await post(item);
				if (res.status === 200) answer = await res.json();
			} catch {
				res = null;
			}
			if (mine !== session) break;
			if (!res || res.status === 408 || res.status === 429 || res.status > 499) {
				const wait = Number(res && res.headers.get('Retry-After')) || Math.min(2 ** failures++, 60);
				timer = setTimeout(retry, wait * 1000 * (1 + Math.random() / 5));
				break;
			}
			failures = 0;
			queue.shift();
			if (item.key) store(item.key, null);
			// What breaks there is told by the browser, and breaks nothing here.
			if (answer) for (const delivery of answer.deliveries) queueMicrotask(() => receive(delivery));
		}
		if (mine === session) busy = 0;
	};
	// What has not been sent goes off at once. If it does not arrive, the next page sends it.
	const leave = () => {
		for (const item of queue.slice(busy)) if (item.key) post(item).catch(() => {});
	};

	// Below: what is shown. Places have one message at a time.
	const places = { banner: [], chat: [], modal: [] };
	let host = null;
	let live = null;
	let policy = { createHTML: (html) => html };
	try {
		if (window.trustedTypes) policy = trustedTypes.createPolicy('beckon', policy);
	} catch {}

	const make = (tag, attributes, ...children) => {
		const e = document.createElement(tag);
		for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
		e.append(...children);
		return e;
	};
	const label = (key, text) => (settings.labels || {})[key] || text;

	const address = (text, schemes) => {
		try {
			const u = new URL(text, document.baseURI);
			if (schemes.test(u.protocol)) return u.href;
		} catch {}
		return '';
	};
	const linked = (a, to) => {
		a.setAttribute('href', to);
		if (new URL(to).origin !== location.origin) {
			a.setAttribute('target', '_blank');
			a.setAttribute('rel', 'noopener noreferrer');
		}
	};
	// HTML is parsed where nothing runs or loads, and only what is listed here is made anew.
	const tags = /^(a|abbr|b|blockquote|br|code|del|div|em|h[1-6]|hr|i|img|ins|li|ol|p|pre|q|s|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul)$/;
	const plain = ['alt', 'title', 'width', 'height', 'colspan', 'rowspan', 'dir', 'lang'];
	const copy = (from, to) => {
		for (const n of from.childNodes) {
			if (n.nodeType === 3) to.append(n.data);
			if (n.nodeType !== 1 || !tags.test(n.localName)) continue;
			const e = make(n.localName, {});
			for (const key of plain) if (n.hasAttribute(key)) e.setAttribute(key, n.getAttribute(key));
			const href = e.localName === 'a' && address(n.getAttribute('href') || '', /^(https?|mailto|tel):$/);
			const image = e.localName === 'img' && address(n.getAttribute('src') || '', /^https?:$/);
			if (href) linked(e, href);
			if (image) e.setAttribute('src', image);
			copy(n, e);
			to.append(e);
		}
	};
	const parse = (html) => new DOMParser().parseFromString(policy.createHTML(html), 'text/html').body;
	const fill = (e, text, isHTML) => {
		try {
			if (isHTML) copy(parse(text), e);
			else e.textContent = text;
		} catch {
			e.textContent = text.replace(/<[^>]*>/g, '');
		}
		return e;
	};

	const open = () => {
		if (host) return;
		host = make('beckon-messages', {});
		const root = host.attachShadow({ mode: 'open' });
		const sheet = new CSSStyleSheet();
		sheet.replaceSync('beckon.css');
		root.adoptedStyleSheets = [sheet];
		// It is there before what it is to announce.
		live = make('div', { role: 'status', 'aria-live': 'polite' });
		root.append(live);
		(document.body || document.documentElement).prepend(host);
	};

	const receive = (delivery) => {
		if (seen.has(delivery.id)) return;
		seen.add(delivery.id);
		const place = places[delivery.channel] || places.modal;
		// The newer banner or chat of a message takes the place of the older.
		if (place.end && place[0] && place[0].message === delivery.message) {
			place.splice(1, 0, delivery);
			place.end();
		} else if (place.push(delivery) === 1) show(place);
	};

	const show = (place) => {
		const delivery = place[0];
		if (!delivery) return;
		open();
		const modal = place === places.modal;
		const isHTML = delivery.format === 'html';
		const report = (what, body) => add('deliveries/' + delivery.id + '/' + what, body || {}, true);
		const title = delivery.subject ? make('h2', { id: delivery.id }, delivery.subject) : '';
		const body = fill(make('div', { class: isHTML ? 'html' : 'text' }), delivery.body, isHTML);
		const main = make('div', { class: 'main' }, title, body);
		const close = make('button', { type: 'button', class: 'close', 'aria-label': label('dismiss', 'Dismiss') }, '\u00d7');
		const box = make(modal ? 'dialog' : 'section', { class: delivery.channel, 'data-message': delivery.message }, main);
		if (title) box.setAttribute('aria-labelledby', delivery.id);
		else box.setAttribute('aria-label', label('message', 'Message'));

		let back = null;
		const end = (what, more) => {
			if (!box.isConnected) return;
			if (what) report(what, more);
			const focused = box.contains(host.shadowRoot.activeElement);
			box.remove();
			if (focused && back) back.focus();
			place.shift();
			show(place);
		};
		const data = delivery.data || {};
		if (data.button) {
			const text = (t) => fill(make('p', {}), t, isHTML).textContent;
			const to = data.url && address(text(data.url), /^https?:$/);
			const action = make(to ? 'a' : 'button', { class: 'action' }, text(data.button));
			if (to) linked(action, to);
			else action.setAttribute('type', 'button');
			(delivery.channel === 'chat' ? main : box).append(action);
		}
		box.append(close);
		close.addEventListener('click', () => end('dismissed'));
		box.addEventListener('click', (ev) => {
			if (ev.target === box && modal) return end('dismissed');
			const hit = ev.target.closest('a, .action');
			if (!hit) return;
			const more = hit.href ? { url: hit.href } : {};
			if (hit.classList.contains('action')) end('clicked', more);
			else report('clicked', more);
		});
		box.addEventListener('keydown', (ev) => {
			if (ev.key !== 'Escape') return;
			ev.stopPropagation();
			end('dismissed');
		});
		box.addEventListener('focusin', (ev) => {
			if (!back && !box.contains(ev.relatedTarget)) back = ev.relatedTarget;
		});
		if (modal) {
			back = document.activeElement;
			host.shadowRoot.append(box);
			box.addEventListener('cancel', () => end('dismissed'));
			box.showModal();
		} else {
			live.append(box);
			place.end = end;
		}
		report('shown');
		// The page may fill the body in by itself, as a survey does.
		const render = renders[delivery.channel];
		if (render) render(delivery, body, () => end('dismissed'));
	};

	const look = () => {
		if (settings && !document.hidden) add('deliveries', {});
	};
	const visit = () => {
		add('visits', { page: page() });
		add('deliveries', {});
	};
	const early = [];
	const methods = {
		boot(given) {
			if (settings) return methods.update(given);
			settings = given || {};
			since = Date.now();
			recall();
			for (const [event, metadata] of early.splice(0)) methods.trackEvent(event, metadata);
			visit();
			const seconds = Number(option('poll') || 60);
			if (seconds > 0) poll = setInterval(look, seconds * 1000);
		},
		update(given) {
			const next = { ...settings, ...given };
			if (settings && identity(next) === identity(settings)) {
				settings = next;
				return visit();
			}
			// Somebody else, or a visitor who has logged in.
			methods.shutdown(true);
			methods.boot(next);
		},
		trackEvent(event, metadata) {
			if (!settings) return void (early.length < 100 && early.push([event, metadata]));
			add('events', { event_name: event, event_id: random(), page: page(), metadata: metadata || {} }, true);
		},
		shutdown(visitorStays) {
			if (!settings) return;
			leave();
			if (visitorStays !== true) {
				// Of a visitor whose id is forgotten nothing can come later.
				for (const item of queue) if (item.key && !item.user) store(item.key, null);
				store('visitor', null);
			}
			session++;
			settings = null;
			queue = [];
			clearTimeout(timer);
			busy = failures = timer = 0;
			clearInterval(poll);
			seen.clear();
			for (const place of Object.values(places)) place.length = 0;
			if (host) host.remove();
			host = null;
		},
		render(channel, fn) {
			renders[channel] = fn;
		},
		getVisitorId: visitor,
	};
	// Methods of other scripts with the same calls do nothing here.
	const call = (method, ...args) => Object.hasOwn(methods, method) && methods[method](...args);
	call.beckon = true;

	window[name] = call;
	addEventListener('pagehide', leave);
	addEventListener('online', retry);
	document.addEventListener('visibilitychange', look);
	for (const args of (stub && stub.q) || []) call(...args);
	const given = window[name.toLowerCase() + 'Settings'];
	if (given && !settings) call('boot', given);
})();
