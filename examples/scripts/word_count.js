// Text processing: the words of a text, how often each occurs, which are
// anagrams of each other, and the text set in lines of at most 32 characters.

const text = `
  The night was silent; listen, the thing in the night was no silent inlet
  of the sea. Tinsel on the least of the stales, the slates: a tale of
  steal and stale bread, a late listen at the gate.
`;

const words = text.toLowerCase().match(/[a-z]+/g);

const counts = new Map();
for (const word of words) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
const top = [...counts]
  .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  .slice(0, 3);
console.log("most frequent:", top.map(([word, n]) => `${word} ${n}x`).join(", "));

const families = new Map();
for (const word of counts.keys()) {
  const key = [...word].sort().join("");
  families.set(key, [...(families.get(key) ?? []), word]);
}
const anagrams = [...families.values()].filter((family) => family.length > 1);
for (const family of anagrams) {
  console.log("anagrams:", family.join(" = "));
}

function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines[lines.length - 1];
    if (line && line.length + 1 + word.length > width) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = line ? `${line} ${word}` : word;
    }
  }
  return lines;
}
const lines = wrap(text, 32);
for (const line of lines) {
  console.log(`|${line.padEnd(32)}|`);
}
check(lines.every((line) => line.length <= 32), "no line is too long");
check(
  lines.join(" ") === text.trim().split(/\s+/).join(" "),
  "no word is lost"
);

`${words.length} words, ${counts.size} different, ${anagrams.length} anagrams`;
