// The generated dashboards, and what Grafana puts in place of their variables.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { escapeRegex } = require('./browser.js');

const logql = require('./logql.js');

const root = path.join(__dirname, '..', '..');
const folder = path.join(root, 'conf', 'grafana', 'dashboards');

const dashboards = fs.readdirSync(folder).sort().map((file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')));

// panels returns the panels of a type, those inside of closed rows too, each with
// the dashboard's uid; without a type all that show something.
function panels(type) {
  return dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap((p) => [p, ...(p.panels ?? [])])
      .filter((p) => type ? p.type === type : p.type !== 'row').map((p) => ({ uid, ...p })));
}

// Names of variables and what a person, or Grafana, puts into them: an address
// with what expressions have a meaning for, a choice of several.
const values = { __interval: '1m', __rate_interval: '1m', __range: '3h', host: '(mail\\.example\\.com|mta1)', instance: '.+', service: '.+' };
const typed = 'o.(neil)+x@example.com';

// fill puts values in place of $name, ${name} and ${name:regex}.
function fill(text, more = {}) {
  return text.replace(/\$(?:(\w+)|\{(\w+)(?::(\w+))?\})/g, (_, plain, braced, format) => {
    const value = more[plain ?? braced] ?? values[plain ?? braced] ?? typed;
    return format === 'regex' ? escapeRegex(value) : value;
  });
}

// grouping returns the labels that the series of a query have.
function grouping(panel, target = panel.targets[0]) {
  if (panel.datasource.type === 'loki') {
    const list = logql.labels(fill(target.expr));
    if (list === null) {
      throw new Error(`a series for each set of labels: ${target.expr}`);
    }
    return list;
  }
  const by = /^(?:topk\(\d+, |sort_desc\(|time\(\) - )*(?:sum|max|min|count) by \(([^)]*)\)/.exec(target.expr);
  const aggregated = /^(?:sum|max|min|count|histogram_quantile)\(/.test(target.expr);
  return by ? by[1].split(', ') : aggregated ? [] : ['__name__', 'host', 'job'];
}

module.exports = { root, dashboards, panels, grouping, fill };
