// Reads tables with quotes, types, comments and a broken line.
const { parse } = require('csv-parse/sync');

const table = `id,name,price
# a comment
1,"Ada ""the first""",3.50
2,"two
lines",4
3,Émile,-1e3
`;
const rows = parse(table, {
  columns: true,
  comment: '#',
  cast: (value, { column, header }) =>
    (header || column === 'name' ? value : Number(value)),
});
console.log(rows);
console.log(rows.reduce((sum, row) => sum + row.price, 0));
console.log(parse('a;b\n\n c ; d \n', {
  delimiter: ';', trim: true, skip_empty_lines: true,
}));
console.log(parse(Buffer.from('x\ty\n1\t2\n'), {
  delimiter: '\t', from_line: 2, info: true,
})[0].record);
try {
  parse('a,b\n1,2,3\n', { columns: true });
} catch (error) {
  console.log(error.code, error.message, error.lines);
}
try {
  parse('a,"b\n');
} catch (error) {
  console.log(error.code, error instanceof Error);
}
