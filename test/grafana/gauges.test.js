'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { bars } = require('./grafana.js');
const { loki } = require('./frames.js');
const { panels } = require('./dashboards.js');

test('more bars than Grafana draws unasked', () => {
  const panel = panels('bargauge').find((p) => p.title === 'Scores');
  const many = Array.from({ length: 40 }, (_, i) => ({ value: 1, labels: { from_score: String(5 * i) } }));
  assert.equal(bars(panel, loki(many)).length, 40);
});
