import ts from 'typescript'

/** Where money may be divided and rounded: the functions there are exact. */
export const MONEY_FOLDER = 'server/platform/money/'

const MONEY = /(?:^|_)(?:micro_?usd|nano_?usd|cents|pence|wei|units)$|(?:MicroUsd|NanoUsd|Cents|Pence|Wei|Units)$/
/** What makes a number of a text or of another number: with a value that says money, it is not exact. */
const INEXACT = /^(?:Number|parseFloat|parseInt|Number\.parseFloat|Number\.parseInt|Math\.(?:round|floor|ceil|trunc|fround))$/
const WRITES = new Set(['toFixed', 'toPrecision', 'toExponential'])
/** SQL that divides a sum of money, or makes a floating-point number of it. */
const SQL = /_(?:micro_usd|nano_usd|cents|units)\b[^,;'`]*(?:\/|\bfloat|\bdouble|\breal\b|round\()/

/**
 * Where a file does something with money that is not exact, a line each. Money is what a name says: `…MicroUsd`, `…NanoUsd`,
 * `…Cents`, `…Pence`, `…Wei`, `…Units`. It may be added, subtracted, multiplied and compared; whatever divides, rounds, reads or writes
 * it is a function of the money folder.
 */
export function findInexactMoney(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS)
  const problems: string[] = []
  const report = (node: ts.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    problems.push(`${file}:${line + 1}: ${what}; use a function of ${MONEY_FOLDER}`)
  }
  const visit = (node: ts.Node): void => {
    const problem = problemOf(node)
    if (problem === undefined) ts.forEachChild(node, visit)
    else report(node, problem)
  }
  visit(source)
  return problems
}

function problemOf(node: ts.Node): string | undefined {
  if (ts.isBinaryExpression(node)) return problemOfBinary(node)
  if (ts.isCallExpression(node)) return problemOfCall(node)
  if (ts.isTaggedTemplateExpression(node)) return SQL.test(node.template.getText()) ? 'SQL divides or rounds money' : undefined
  const target = targetOf(node)
  if (target && MONEY.test(target.name) && target.value) return inexactValue(target.value)
  return undefined
}

function problemOfBinary(node: ts.BinaryExpression): string | undefined {
  const kind = node.operatorToken.kind
  const sides = [node.left, node.right]
  if (kind === ts.SyntaxKind.SlashToken || kind === ts.SyntaxKind.SlashEqualsToken)
    return sides.some(saysMoney) ? `money is divided: ${node.getText()}` : undefined
  if (isAssignment(kind) && saysMoney(node.left)) return inexactValue(node.right)
  return sides.some(isFraction) && sides.some(saysMoney) ? `money meets a fraction: ${node.getText()}` : undefined
}

function problemOfCall({ expression, arguments: given }: ts.CallExpression): string | undefined {
  if (ts.isPropertyAccessExpression(expression) && WRITES.has(expression.name.text))
    return saysMoney(expression.expression) ? `money is written with ${expression.name.text}` : undefined
  const name = expression.getText()
  return INEXACT.test(name) && given.some(saysMoney) ? `money goes through ${name}` : undefined
}

/** What is given a value here, and the value; the body of a short function is what its name says. */
function targetOf(node: ts.Node): { name: string; value: ts.Expression | undefined } | undefined {
  const isNamed = ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)
  if (!isNamed) return undefined
  const { initializer } = node
  const value = initializer && ts.isArrowFunction(initializer) && !ts.isBlock(initializer.body) ? initializer.body : initializer
  return { name: node.name.getText(), value }
}

/** What is wrong with a value that is to be money. What says money itself is told where it is divided or rounded. */
function inexactValue(value: ts.Expression): string | undefined {
  const parts = partsOf(value)
  const inexact = parts.find(
    (part) =>
      isFraction(part) ||
      (ts.isBinaryExpression(part) && part.operatorToken.kind === ts.SyntaxKind.SlashToken && !saysMoney(part)) ||
      (ts.isCallExpression(part) && INEXACT.test(part.expression.getText()) && !part.arguments.some(saysMoney)),
  )
  return inexact && `money is made by ${inexact.getText()}`
}

/** Whether an expression is money, or is computed from it. A function's answer is what its own name says. */
const saysMoney = (node: ts.Expression): boolean => partsOf(node).some((part) => MONEY.test(nameOf(part)))

/** The parts an expression takes its value from, itself included. */
function partsOf(node: ts.Expression): ts.Expression[] {
  const further = (...nodes: ts.Expression[]) => [node, ...nodes.flatMap(partsOf)]
  if (ts.isBinaryExpression(node)) return further(node.left, node.right)
  if (ts.isConditionalExpression(node)) return further(node.whenTrue, node.whenFalse)
  if (ts.isPrefixUnaryExpression(node)) return further(node.operand)
  if (ts.isAwaitExpression(node) || ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return further(node.expression)
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return further(node.expression)
  if (ts.isCallExpression(node) && isPlainConversion(node.expression.getText())) return further(...node.arguments)
  return [node]
}

const isPlainConversion = (name: string): boolean => INEXACT.test(name) || /^(?:BigInt|String|Math\.(?:min|max|abs))$/.test(name)

function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  if (ts.isElementAccessExpression(node))
    return ts.isStringLiteral(node.argumentExpression) ? node.argumentExpression.text : nameOf(node.expression)
  return ts.isCallExpression(node) ? nameOf(node.expression) : ''
}

const isFraction = (node: ts.Expression): boolean => ts.isNumericLiteral(node) && !Number.isInteger(Number(node.text))

const isAssignment = (kind: ts.SyntaxKind): boolean => kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
