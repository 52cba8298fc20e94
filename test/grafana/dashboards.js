// The panels of the generated dashboards.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..', '..', 'conf', 'grafana', 'dashboards');

// panels returns the panels of a type, each with the dashboard's uid.
function panels(type) {
  return fs.readdirSync(folder).sort().flatMap((file) => {
    const { uid, panels } = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
    return panels.flatMap((p) => [p, ...(p.panels ?? [])]).filter((p) => p.type === type).map((p) => ({ uid, ...p }));
  });
}

// grouping returns the labels of the outermost aggregation of a panel's query.
function grouping(panel) {
  return /\bby \(([^)]*)\)/.exec(panel.targets[0].expr)[1].split(', ');
}

module.exports = { panels, grouping };
