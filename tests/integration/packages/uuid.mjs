// Names, chance, times, and what is no id.
import {
  MAX, NIL, parse, stringify, v1, v3, v4, v5, v6, v7, validate, version,
} from 'uuid';

const ns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
console.log(v3('example.org', ns), v5('example.org', ns));
console.log(v4({ random: Uint8Array.from({ length: 16 }, (_, i) => i * 16) }));
console.log(v1({
  node: [1, 2, 3, 4, 5, 6], clockseq: 0x1234, msecs: 1700000000000, nsecs: 5,
}));
const fixed = {
  msecs: 1700000000000, seq: 7, random: new Uint8Array(16).fill(9),
};
console.log(v7(fixed));
console.log(new Set(Array.from({ length: 100 }, () => v4())).size,
  [v1(), v4(), v6(), v7()].map((id) => [validate(id), version(id)]));
console.log(v7() < v7(), NIL, MAX, validate('nope'));
console.log(parse(ns), stringify(parse(ns)) === ns);
try {
  parse('nope');
} catch (error) {
  console.log(error.name, error.message);
}
