// Templates with helpers, partials and blocks.
const Handlebars = require('handlebars');

Handlebars.registerHelper('shout', (text) => text.toUpperCase());
Handlebars.registerHelper('list', (items, options) =>
  items.map((item) => `<li>${options.fn(item)}</li>`).join(''));
Handlebars.registerPartial('item', '{{name}}: {{price}}');
const page = Handlebars.compile(`{{#if title}}<h1>{{shout title}}</h1>{{/if}}
{{#each items as |one at|}}
{{at}} {{#with one}}{{> item}}{{/with}}{{#unless @last}},{{/unless}}
{{else}}
nothing
{{/each}}
<ul>{{#list items}}{{name}}{{/list}}</ul>
{{{raw}}} {{raw}} {{missing.deep}} {{lookup items.[0] "price"}}
`);
console.log(page({
  title: 'prices & more',
  items: [{ name: 'tea', price: 3 }, { name: '<milk>', price: 1 }],
  raw: '<b>"it\'s"</b>',
}));
console.log(page({ items: [] }));
const spec = Handlebars.precompile('Hello {{name}}');
console.log(typeof spec, Handlebars.template(eval(`(${spec})`))({ name: 'Ada' }));
console.log(Handlebars.compile('{{constructor.name}}|{{a.b}}')({ a: { b: 1 } }));
for (const text of ['{{#if}', '{{#each x}}{{/if}}'])
  try {
    Handlebars.compile(text)({});
  } catch (error) {
    console.log(error.message);
  }
try {
  Handlebars.compile('{{> nope}}')({});
} catch (error) {
  console.log(error.name, error.message);
}
console.log(Handlebars.escapeExpression('<a href="x">'), Handlebars.VERSION);
