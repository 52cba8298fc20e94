// LogQL as Grafana's editor, its hints and its changes of a query read it.
'use strict';

const { parser } = require('@grafana/lezer-logql');

// problems returns where the text is no LogQL.
function problems(text) {
  const out = [];
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) {
        out.push(`no LogQL at ${node.from}, before ${JSON.stringify(text.slice(node.from, node.from + 30))}: ${text}`);
      }
    },
  });
  return out;
}

const inside = (node, names) => names.map((name) => node.getChild(name)).find(Boolean);

// The outermost expression of an answer, through parentheses and operators.
function outermost(node) {
  const next = inside(node, ['Expr', 'MetricExpr', 'LogExpr', 'BinOpExpr', 'LabelReplaceExpr', 'VectorAggregationExpr', 'RangeAggregationExpr']);
  return next && !['VectorAggregationExpr', 'RangeAggregationExpr'].includes(node.name) ? outermost(next) : node;
}

// lines reports whether the answer is lines, not numbers.
function lines(text) {
  const { topNode } = parser.parse(text);
  return topNode.getChild('Expr')?.getChild('LogExpr') != null;
}

// labels returns the labels that the series of the answer have, null where they
// are all that the lines have.
function labels(text) {
  const list = (node) => {
    const grouping = node.getChild('Grouping');
    if (grouping) {
      return [...text.slice(grouping.from, grouping.to).matchAll(/[\w.]+/g)].map(([word]) => word).slice(1);
    }
    if (node.name !== 'VectorAggregationExpr') {
      return null;
    }
    // Those that choose keep the labels of what they choose from.
    const operator = text.slice(node.from, node.to);
    return /^(topk|bottomk|sort)/.test(operator) ? list(outermost(node.getChild('MetricExpr'))) : [];
  };
  return list(outermost(parser.parse(text).topNode));
}

module.exports = { problems, lines, labels };
