// Expressions, matrices, units, fractions, complex and large numbers.
const { create, all } = require('mathjs');

const math = create(all, { randomSeed: 'a seed' });
console.log(math.evaluate('sqrt(3^2 + 4^2) + 2 * (5 - 3)'));
console.log(math.evaluate('5.08 cm + 2 inch').toString(),
  math.unit('45 mile/hour').to('km/h').format(6));
console.log(math.format(math.det([[1, 2, 3], [0, 1, 4], [5, 6, 0]]), 10));
console.log(math.multiply(math.matrix([[1, 2], [3, 4]]), [5, 6]).toArray());
console.log(math.inv([[2, 0], [0, 4]]), math.transpose([[1, 2], [3, 4]]));
console.log(math.fraction('1/3').add(math.fraction('1/6')).toFraction());
console.log(math.sqrt(-4).toString(),
  math.multiply(math.complex(2, 3), math.i).toString());
console.log(math.derivative('x^3 + 2x^2 + sin(x)', 'x').toString());
console.log(math.simplify('3 + x * 2 + x').toString());
console.log(math.create({ number: 'BigNumber', precision: 50 })
  .evaluate('1 / 7').toString());
console.log(math.mean([2, 4, 9]), math.std(1, 2, 3, 4), math.mode([1, 2, 2]));
const parser = math.parser();
parser.evaluate('f(x, y) = x ^ y');
console.log(parser.evaluate('f(2, 10)'), math.parse('a * (b + 1)').toTex());
console.log(math.lusolve([[2, 1], [1, 3]], [3, 5]));
for (const text of ['2 +', 'nope(1)', '1 cm + 1 kg'])
  try {
    math.evaluate(text);
  } catch (error) {
    console.log(error.name, error.message);
  }
