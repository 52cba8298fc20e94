// What Grafana's datasources make of the answer to an instant query of metrics.
// A sample is {labels: {name: value}, value: number}.
'use strict';

const { FieldType } = require('@grafana/data');

const time = Date.UTC(2026, 0, 2, 3, 4, 5);

// loki makes one table of all samples of a query: the time, the labels by the
// alphabet, the number. A label that a sample does not have is empty. No samples
// are no frames. Source: makeTableFrames.ts of the Loki datasource, 9.4 to 13.1.
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

// prometheus makes a frame of each sample. The legend is {{label}}, or "" for
// the text that Grafana makes of all labels.
function prometheus(samples, legend = '', refId = 'A') {
  return samples.map(({ labels, value }) => {
    const all = '{' + Object.entries(labels).map(([k, v]) => `${k}="${v}"`).join(', ') + '}';
    const name = legend === '' ? all : legend.replace(/{{\s*(\w+)\s*}}/g, (_, label) => labels[label] ?? '');
    return {
      refId,
      name,
      meta: { type: 'numeric-multi' },
      length: 1,
      fields: [
        { name: 'Time', type: FieldType.time, config: {}, values: [time] },
        { name: 'Value', type: FieldType.number, labels, config: { displayNameFromDS: name }, values: [value] },
      ],
    };
  });
}

module.exports = { loki, prometheus };
