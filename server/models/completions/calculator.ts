import type { MathNode } from 'mathjs'
import { cutText } from '#server/platform/core/index.ts'

type Mathjs = typeof import('mathjs/number')

export const EXPRESSION_LIMIT = 500

/** Everything a formula may contain. All of it takes constant time and makes plain numbers, so that no formula can hang or fill the server. */
const operators = new Set(['+', '-', '*', '/', '^', '%', '!', 'mod'])
const functions = new Set(
  'abs acos asin atan atan2 cbrt ceil cos cosh exp floor gcd hypot lcm log log10 log2 max min mod pow round sign sin sinh sqrt tan tanh'.split(
    ' ',
  ),
)
const constants = new Set(['pi', 'e', 'tau', 'phi'])

/** The formula is refused or has no finite result; `message` says why and may be shown. */
export class CannotCalculate extends Error {}

/**
 * The value of an arithmetic formula such as `2 * (3 + 4)`, to 14 significant digits.
 *
 * @throws CannotCalculate
 */
export async function calculate(expression: string): Promise<number> {
  if (expression.length > EXPRESSION_LIMIT) throw new CannotCalculate(`The expression is longer than ${EXPRESSION_LIMIT} characters.`)
  // Half a second to load, so only once somebody calculates. The number-only build has no matrices, units or big numbers.
  const math = await import('mathjs/number')
  const result = run(() => {
    const formula = math.parse(expression)
    formula.traverse((node) => {
      if (!isAllowed(math, node)) throw new CannotCalculate(`"${cutText(node.toString(), 40)}" is not something I can calculate.`)
    })
    return formula.evaluate() as unknown
  })
  if (typeof result !== 'number') throw new CannotCalculate('The result is not a number.')
  if (Number.isNaN(result)) throw new CannotCalculate('The result is not a real number.')
  if (!Number.isFinite(result)) throw new CannotCalculate('The result is infinite or too large.')
  return Number(result.toPrecision(14))
}

function isAllowed(math: Mathjs, node: MathNode): boolean {
  if (math.isParenthesisNode(node)) return true
  if (math.isConstantNode(node)) return typeof node.value === 'number'
  if (math.isOperatorNode(node)) return operators.has(node.op)
  if (math.isSymbolNode(node)) return constants.has(node.name) || functions.has(node.name)
  // The function's name is a node of its own and so checked as a symbol; anything else would be a call on a computed value.
  return math.isFunctionNode(node) && math.isSymbolNode(node.fn)
}

/** Runs the parser or the formula; what it throws, a stack overflow included, becomes CannotCalculate. */
function run<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof CannotCalculate) throw error
    throw new CannotCalculate(
      error instanceof SyntaxError ? `The expression cannot be read: ${error.message}.` : 'The expression cannot be calculated.',
    )
  }
}
