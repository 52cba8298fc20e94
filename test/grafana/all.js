// All tests in one process: reading Grafana's code takes longer than they do.
'use strict';

const fs = require('node:fs');

for (const file of fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.js')).sort()) {
  require('./' + file);
}
