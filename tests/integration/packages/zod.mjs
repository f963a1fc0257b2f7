// Schemas: what passes, what is changed on the way, what is refused and why.
import { z } from 'zod';

const person = z.object({
  name: z.string().trim().min(1),
  age: z.coerce.number().int().nonnegative().optional(),
  mail: z.email(),
  tags: z.array(z.enum(['a', 'b'])).default([]),
  at: z.iso.datetime().transform((text) => new Date(text)),
});
console.log(person.parse({
  name: ' Ada ', age: '36', mail: 'ada@example.org', at: '2024-02-29T00:00:00Z',
}));
const refused = person.safeParse({
  name: '', age: -1.5, mail: 'nobody', tags: ['a', 'c'], at: 'soon',
});
console.log(refused.success);
for (const issue of refused.error.issues)
  console.log(issue.code, issue.path.join('.'), '|', issue.message);

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number().positive() }),
  z.strictObject({ kind: z.literal('box'), side: z.number() }),
]);
console.log(shape.parse({ kind: 'circle', radius: 2 }));
console.log(shape.safeParse({ kind: 'box', side: 1, extra: 2 }).error.issues);
console.log(z.record(z.string(), z.number()).parse({ a: 1 }),
  z.tuple([z.string(), z.bigint()]).parse(['x', 2n]),
  z.map(z.string(), z.date()).safeParse(new Map([['k', 1]])).success);

const tree = z.object({
  value: z.number(),
  get children() {
    return z.array(tree);
  },
});
console.log(tree.parse({ value: 1, children: [{ value: 2, children: [] }] })
  .children.length);
console.log(await z.string().refine(async (text) => text.length > 2)
  .safeParseAsync('ab').then((result) => result.error.issues[0].message));
console.log(z.toJSONSchema(z.object({ a: z.string().max(3), b: z.int() })));
