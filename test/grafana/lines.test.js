'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const yaml = require('yaml');

const logql = require('./logql.js');
const { streams } = require('./frames.js');
const { transform } = require('./grafana.js');
const { root, fill } = require('./dashboards.js');
const { dead } = require('./links.js');

// provisioned is the data source as Grafana reads it: $$ is a dollar sign.
function provisioned() {
  const text = fs.readFileSync(path.join(root, 'conf', 'grafana', 'provisioning', 'datasources', 'zimbraloki.yaml'), 'utf8');
  const { jsonData, correlations } = yaml.parse(text.replaceAll('$$', '$')).datasources.find((d) => d.type === 'loki');
  return { fields: jsonData.derivedFields, correlations };
}

// The labels of three lines: with all that links start from, with those whose
// names only contain one of them, with none.
const value = (label) => `<${label} & 1+1=2>@example.com`;
const linked = ['message_id', 'queue_id', 'request_id', 'trace_id', 'user', 'client_ip'];
const similar = ['user_agent', 'orig_client_ip', 'original_message_id', 'parent_request_id', 'trace_id_of', 'queue_ids'];
const answer = [linked, similar, ['host']].map((labels) => ({
  labels: Object.fromEntries(labels.map((l) => [l, value(l)])), text: 'a line',
}));

// problems returns what is wrong with the links of lines. Grafana 10.3 to 11.4
// compares labels exactly.
function problems({ fields, correlations }, exact = false) {
  const out = [];
  const panel = { fieldConfig: { defaults: {}, overrides: [] } };
  const [frame] = transform(panel, streams(answer, fields, exact));
  const linksOf = (row) => frame.fields.filter((f) => f.config.links && f.values[row] !== null);
  const got = linksOf(0).map((f) => f.values[0]).sort();
  const want = linked.map(value).sort();
  if (got.join() !== want.join()) {
    out.push(`links of ${got}, want ${want}`);
  }
  out.push(...[1, 2].flatMap(linksOf).map((f) => `${f.name} takes another label: ${f.values}`));
  for (const field of linksOf(0)) {
    for (const link of field.config.links.filter((l) => l.internal)) {
      out.push(`${field.name} opens an empty question of ${link.internal.query.query}`);
    }
    for (const { href } of field.getLinks({ valueRowIndex: 0 })) {
      out.push(...dead(href, field.values[0]).map((why) => `${field.name} ${why}`));
    }
  }
  for (const { label, config } of correlations) {
    const field = frame.fields.find((f) => f.name === config.field);
    if (!field) {
      out.push(`${label} starts from ${config.field}, which is no field of the answer`);
    }
    const names = [...config.target.expr.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    if (names.length === 0 || names.some((name) => name !== config.field)) {
      out.push(`${label} asks with ${names}, not with ${config.field}`);
    }
    out.push(...logql.problems(fill(config.target.expr)));
  }
  return out;
}

test('a line leads to dashboards and to questions', () => {
  const { fields, correlations } = provisioned();
  assert.equal(fields.length, linked.length);
  assert.ok(correlations.length > 2);
  assert.deepEqual(problems({ fields, correlations }), []);
});

test('docs/grafana.md says how before Grafana 11.5: names of labels, not patterns', () => {
  const text = fs.readFileSync(path.join(root, 'docs', 'grafana.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\w+) \| Label \| `\^(\w+)\$` \| `([^`]+)` \|$/gm)];
  const fields = rows.map(([, name, label, url]) => ({ name, matcherType: 'label', matcherRegex: `^${label}$`, url }));
  assert.deepEqual(problems({ fields, correlations: [] }), []);
  assert.notDeepEqual(problems({ fields, correlations: [] }, true), []);
  const bare = fields.map((f) => ({ ...f, matcherRegex: f.matcherRegex.slice(1, -1) }));
  assert.deepEqual(problems({ fields: bare, correlations: [] }, true), []);
});

test('what is wrong with a link of a line is seen', () => {
  const f = (plant, want) => {
    const all = provisioned();
    plant(all.fields.find((d) => d.name === 'User'), all.correlations.find((c) => c.config.field === 'User').config);
    assert.match(problems(all).join('\n'), want);
  };
  // A pattern without anchors, a pattern of the line, a question instead of a
  // page, a dead link.
  f((d) => { d.matcherRegex = 'user'; }, /User takes another label: .*user_agent/);
  f((d) => { d.matcherType = 'regex'; }, /links of/);
  f((d) => { d.datasourceUid = 'loki'; }, /User opens an empty question/);
  f((d) => { d.url = d.url.replace('zimbra-security', 'gone'); }, /User leads to no dashboard of ours/);
  f((d) => { d.url = d.url.replace('var-user', 'var-account'); }, /has no variable for var-account/);
  f((d) => { d.url = d.url.replace(':percentencode', ''); }, /User loses the value/);
  // A correlation that starts from a label, that asks nothing, that is no LogQL.
  f((_, c) => { c.field = 'user'; }, /which is no field of the answer/);
  f((_, c) => { c.target.expr = '{job="zimbra"}'; }, /asks with , not with User/);
  f((_, c) => { c.target.expr = '{job="zimbra"} | user=${User}'; }, /no LogQL at/);
});
