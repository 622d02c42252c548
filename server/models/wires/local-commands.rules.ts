/** What a message asks `local/commands` for. The tools are those of `agentTools`. */
export type Command =
  | { kind: 'tool'; tool: 'remember'; input: { key: string; value: string } }
  | { kind: 'tool'; tool: 'recall' | 'forget'; input: { key: string } }
  | { kind: 'tool'; tool: 'list_memory'; input: Record<string, never> }
  | { kind: 'tool'; tool: 'calculate'; input: { expression: string } }
  | { kind: 'help' }
  | { kind: 'history' }
  | { kind: 'unknown' }

type Rule = [pattern: RegExp, read: (first: string, second: string) => Command | undefined]

/** In order; the first that matches and reads something wins. */
const rules: Rule[] = [
  [/^(?:help|commands|what can you do)$/i, () => ({ kind: 'help' })],
  [/^(?:show )?(?:the )?history$/i, () => ({ kind: 'history' })],
  [
    /^(?:list|memory|list (?:my |your |the )?memor(?:y|ies)|what do you (?:remember|know)(?: about me)?)$/i,
    () => ({ kind: 'tool', tool: 'list_memory', input: {} }),
  ],
  [/^remember (?:that )?([^=]+?)(?: ?= ?| is | are )(.+)$/i, remember],
  [/^recall (.+)$/i, (key) => withKey('recall', key)],
  [/^forget (?:about )?(.+)$/i, (key) => withKey('forget', key)],
  [/^(?:calculate|calc|compute) (.+)$/i, calculate],
  [/^what(?:'s| is| are) (?:my|our) (.+)$/i, (key) => withKey('recall', key)],
  [/^(?:what(?:'s| is) )?(.+)$/i, (text) => (isArithmetic(text) ? calculate(text) : undefined)],
]

/** Longer messages are no commands. It also bounds the time that the patterns take. */
const MESSAGE_LIMIT = 5_000

/** Reads what a user says: its last paragraph, for messages that got no answer go in front of the next one; else all of it. */
export function readCommand(said: string): Command {
  const last = parseCommand(said.split('\n\n').at(-1) ?? '')
  return last.kind === 'unknown' ? parseCommand(said) : last
}

/** Reads one message. Case, a leading "please", runs of white space and a final `?`, `.` or `!` do not matter. */
function parseCommand(message: string): Command {
  if (message.length > MESSAGE_LIMIT) return { kind: 'unknown' }
  const text = withoutFinalMark(
    message
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/^please,? /i, '')
      .replaceAll('’', "'"),
  )
  for (const [pattern, read] of rules) {
    const match = pattern.exec(text)
    const command = match && read(match[1] ?? '', match[2] ?? '')
    if (command) return command
  }
  return { kind: 'unknown' }
}

function remember(key: string, value: string): Command | undefined {
  const name = keyOf(key)
  return name ? { kind: 'tool', tool: 'remember', input: { key: name, value: unquoted(value.trim()) } } : undefined
}

function withKey(tool: 'recall' | 'forget', key: string): Command | undefined {
  const name = keyOf(key)
  return name ? { kind: 'tool', tool, input: { key: name } } : undefined
}

function calculate(expression: string): Command {
  return { kind: 'tool', tool: 'calculate', input: { expression: expression.replace(/ ?=$/, '') } }
}

/** `My favourite colour` and `favourite  colour` are the same key. */
const keyOf = (text: string) => unquoted(text.trim().replace(/^(?:my|our|the|your) /i, '')).toLowerCase()

const unquoted = (text: string) => /^(["'`])(.+)\1$/.exec(text)?.[2] ?? text

/** A `!` after a digit or bracket is a factorial, not a mark. */
const withoutFinalMark = (text: string) => text.replace(/ ?[?.]+$/, '').replace(/(?<![\d)]) ?!+$/, '')

const functionNames = /\b(?:sqrt|cbrt|abs|round|floor|ceil|sin|cos|tan|asin|acos|atan|log|log2|log10|exp|min|max|pow|mod|pi|e|tau)\b/gi

/** Whether a text without a command word is plainly a sum: figures and an operator or a function, nothing else. */
function isArithmetic(text: string): boolean {
  const rest = text.replace(functionNames, '(')
  return /\d/.test(rest) && /[-+*/^%!(]/.test(rest) && /^[-\d\s+*/^%!().,=]+$/.test(rest)
}
