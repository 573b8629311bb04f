// Written for another messenger. Its snippet keeps the calls until the script is there.
window.intercomSettings = {};
(function () {
	var i = function () { i.c(arguments); };
	i.q = [];
	i.c = function (args) { i.q.push(args); };
	window.Intercom = i;
})();
Intercom('boot', window.intercomSettings);

document.addEventListener('DOMContentLoaded', function () {
	document.getElementById('exit').addEventListener('click', function () {
		var metadata = {
			duration: 19,
			type: 'JPEG',
			file_name: 'example.jpg',
			file_location: 'https://external-content.com/example.jpg'
		};
		Intercom('trackEvent', 'upload-complete', metadata);
	});
});

// A tag manager: it adds the script later.
setTimeout(function () {
	var tag = document.createElement('script');
	tag.async = true;
	tag.src = '/beckon.js';
	tag.setAttribute('data-global', 'Intercom');
	tag.setAttribute('data-source', 'tag_manager');
	tag.setAttribute('data-poll', '2');
	document.head.append(tag);
}, 50);
