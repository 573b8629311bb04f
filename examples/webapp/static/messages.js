'use strict';
beckon('boot', {});

const faults = document.getElementById('faults');
const published = document.getElementById('published');

document.getElementById('program').addEventListener('submit', async (ev) => {
	ev.preventDefault();
	faults.replaceChildren();
	published.textContent = '';
	const res = await fetch('/messages', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: document.getElementById('text').value });
	if (res.ok) {
		published.textContent = 'Published: it runs from now on.';
		return;
	}
	if (res.status !== 422) {
		published.textContent = await res.text();
		return;
	}
	const list = (await res.json()).errors;
	published.textContent = 'Not published: ' + list.length + (list.length === 1 ? ' fault.' : ' faults.') + ' The program before it runs on.';
	for (const fault of list) {
		const path = document.createElement('code');
		path.textContent = fault.path || 'the document';
		const item = document.createElement('li');
		item.append(path, ' ' + fault.message);
		faults.append(item);
	}
});
