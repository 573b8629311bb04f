'use strict';
// A page without anything of its own: it shows what there is to be shown.
beckon('boot', {});
