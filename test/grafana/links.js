// Where links lead: to one of our dashboards, with what was clicked in one of its
// variables.
'use strict';

const { dashboards } = require('./dashboards.js');

// dead returns what is wrong with an address that a click on a value opens.
function dead(href, value) {
  const url = new URL(href, 'http://grafana.example.com');
  const uid = /^\/d\/([\w-]+)$/.exec(url.pathname)?.[1];
  const dashboard = dashboards.find((d) => d.uid === uid);
  if (!dashboard) {
    return [`leads to no dashboard of ours: ${href}`];
  }
  const out = [];
  const variables = new Set(dashboard.templating.list.map(({ name }) => 'var-' + name));
  for (const [name, text] of url.searchParams) {
    if (name.startsWith('var-') && !variables.has(name)) {
      out.push(`${uid} has no variable for ${name}`);
    }
    if (`${name}${text}`.includes('${')) {
      out.push(`is not filled in: ${name}=${text}`);
    }
  }
  if (value !== undefined && ![...url.searchParams].some(([name, text]) => variables.has(name) && text === value)) {
    out.push(`loses the value ${value}: ${href}`);
  }
  return out;
}

// kept returns what of the page a link to another one loses.
function kept(href) {
  const { searchParams } = new URL(href, 'http://grafana.example.com');
  return ['from', 'to', 'var-datasource'].filter((name) => !searchParams.has(name)).map((name) => `loses ${name}: ${href}`);
}

module.exports = { dead, kept };
