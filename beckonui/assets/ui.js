// All of these pages work without this script.
'use strict';
