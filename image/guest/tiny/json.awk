# Flattens JSON to `path<TAB>value` lines: {"a":[{"b":"c"}]} becomes `a.0.b<TAB>c`.
# Tabs and line breaks in values become spaces; \u escapes are left as they are (nothing Tiny reads needs them).
function skip() { while (at <= size && index(" \t\r\n", substr(text, at, 1))) at++ }
function string(   out, c, e) {
  at++
  out = ""
  while (at <= size) {
    c = substr(text, at, 1)
    if (c == "\"") { at++; return out }
    if (c == "\\") {
      e = substr(text, at + 1, 1)
      at += 2
      if (e == "n" || e == "t" || e == "r") out = out " "
      else if (e == "u") out = out "\\u"
      else out = out e
      continue
    }
    out = out c
    at++
  }
  broken = 1
  return out
}
function value(path, depth,   c, n, key, start) {
  if (depth > 12) { broken = 1; return }
  skip()
  c = substr(text, at, 1)
  if (c == "{" || c == "[") {
    at++
    n = 0
    while (!broken) {
      skip()
      if (at > size) { broken = 1; return }
      if (index("]}", substr(text, at, 1))) { at++; return }
      if (substr(text, at, 1) == ",") { at++; continue }
      if (c == "{") {
        if (substr(text, at, 1) != "\"") { broken = 1; return }
        key = string()
        skip()
        if (substr(text, at, 1) != ":") { broken = 1; return }
        at++
      } else key = n++
      value(path == "" ? key : path "." key, depth + 1)
    }
    return
  }
  if (c == "\"") { print path "\t" string(); return }
  start = at
  while (at <= size && !index(",]} \t\r\n", substr(text, at, 1))) at++
  if (at == start) { broken = 1; return }
  print path "\t" substr(text, start, at - start)
}
{ text = text $0 "\n" }
END { at = 1; size = length(text); value("", 0); exit broken }
