// What Grafana's datasources make of an answer. A sample is {labels: {name:
// value}, value: number}, a series {labels, values}, a line {labels, text}.
'use strict';

const { FieldType } = require('./browser.js');

const time = Date.UTC(2026, 0, 2, 3, 4, 5);
const step = 60_000; // of a range, in ms

// loki makes one table of all samples of an instant query: the time, the labels
// by the alphabet, the number. A label that a sample does not have is empty. No
// samples are no frames. Source: makeTableFrames.ts of the Loki datasource, 9.4
// to 13.1.
function loki(samples, refId = 'A') {
  if (samples.length === 0) {
    return [];
  }
  const names = [...new Set(samples.flatMap((s) => Object.keys(s.labels)))].sort();
  return [{
    refId,
    meta: { preferredVisualisationType: 'table' },
    length: samples.length,
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: samples.map(() => time) },
      ...names.map((name) => ({
        name, type: FieldType.string, config: { filterable: true }, values: samples.map((s) => s.labels[name] ?? ''),
      })),
      { name: `Value #${refId}`, type: FieldType.number, config: {}, values: samples.map((s) => s.value) },
    ],
  }];
}

// named writes the legend, or as all labels where there is none. A label that a
// series does not have is nothing. Source: formatName in pkg/tsdb/loki/frame.go.
function named(labels, legend) {
  if (legend) {
    return legend.replace(/{{\s*(.+?)\s*}}/g, (_, label) => labels[label] ?? '');
  }
  return '{' + Object.entries(labels).map(([k, v]) => `${k}="${v}"`).sort().join(', ') + '}';
}

// range makes a frame of each series of a range query, of either datasource.
function range(series, legend = '', refId = 'A') {
  return series.map(({ labels, values }) => {
    const name = named(labels, legend);
    return {
      refId,
      name,
      meta: { type: 'timeseries-multi', preferredVisualisationType: 'graph' },
      length: values.length,
      fields: [
        { name: 'Time', type: FieldType.time, config: { interval: step }, values: values.map((_, i) => time + i * step) },
        { name: 'Value', type: FieldType.number, labels, config: { displayNameFromDS: name }, values },
      ],
    };
  });
}

// prometheus makes a frame of each sample of an instant query.
function prometheus(samples, legend = '', refId = 'A') {
  return range(samples.map(({ labels, value }) => ({ labels, values: [value] })), legend, refId)
    .map((frame) => ({ ...frame, meta: { type: 'numeric-multi' } }));
}

// derived are the fields that a derived field adds to lines: the value of the
// first label whose name fits. Source: getDerivedFields.ts, from 11.5 on; from
// 10.3 on with exact, which takes a label of that very name.
function derived(config, lines, exact = false) {
  const fits = (name) => exact ? name === config.matcherRegex : new RegExp(config.matcherRegex).test(name);
  const value = ({ labels, text }) => {
    if (config.matcherType === 'label') {
      return labels[Object.keys(labels).find(fits)] ?? null;
    }
    return text.match(config.matcherRegex)?.[1] ?? null;
  };
  // With a datasource the address is a question in it, by the name "query".
  const link = config.datasourceUid
    ? { title: config.urlDisplayLabel ?? '', url: '', internal: { query: { query: config.url }, datasourceUid: config.datasourceUid } }
    : { title: config.urlDisplayLabel ?? '', url: config.url };
  return { name: config.name, type: FieldType.string, config: { links: [link] }, values: lines.map(value) };
}

// streams makes the frame of an answer of lines. Sources: adjustLogsFrame in
// pkg/tsdb/loki/frame.go, backendResultTransformer.ts.
function streams(lines, derivedFields = [], exact = false) {
  return [{
    refId: 'A',
    meta: { preferredVisualisationType: 'logs', custom: { frameType: 'LabeledTimeValues' } },
    length: lines.length,
    fields: [
      { name: 'labels', type: FieldType.other, config: {}, values: lines.map((l) => l.labels) },
      { name: 'Time', type: FieldType.time, config: {}, values: lines.map((_, i) => time - i) },
      { name: 'Line', type: FieldType.string, config: {}, values: lines.map((l) => l.text) },
      { name: 'tsNs', type: FieldType.string, config: {}, values: lines.map((_, i) => `${time - i}000000`) },
      { name: 'id', type: FieldType.string, config: {}, values: lines.map((_, i) => `${time - i}_a`) },
      ...derivedFields.map((config) => derived(config, lines, exact)),
    ],
  }];
}

module.exports = { loki, prometheus, range, streams };
