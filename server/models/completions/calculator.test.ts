import { expect, test } from 'vitest'
import { calculate, CannotCalculate } from './calculator.ts'

test.each([
  ['2 * (3 + 4)', 14],
  ['0.1 + 0.2', 0.3],
  ['2(3 + 4)', 14],
  ['2 pi', 6.2831853071796],
  ['-2 ^ 2', -4],
  ['7 mod 4', 3],
  ['10 % 3', 1],
  ['5!', 120],
  ['sqrt(16) + max(1, 2, 3)', 7],
  ['1e3 / 4', 250],
])('%s is %d', async (expression, result) => {
  expect(await calculate(expression)).toBe(result)
})

test.each([
  ['9^9^9^9', /infinite or too large/],
  ['9999999999!', /infinite or too large/],
  ['1 / 0', /infinite or too large/],
  ['sqrt(-1)', /not a real number/],
  ['1:1e12', /not something I can calculate/],
  ['zeros(1e9)', /not something I can calculate/],
  ['combinations(1e15, 5e14)', /not something I can calculate/],
  ['f(x) = f(x); f(1)', /not something I can calculate/],
  ['import({})', /not something I can calculate/],
  ['createUnit("x")', /not something I can calculate/],
  ['evaluate("1")', /not something I can calculate/],
  ['parse("1")', /not something I can calculate/],
  ['simplify("x")', /not something I can calculate/],
  ['derivative("x", "x")', /not something I can calculate/],
  ['sqrt.constructor("return 1")', /not something I can calculate/],
  ['"text"', /not something I can calculate/],
  ['[1, 2]', /not something I can calculate/],
  ['x + 1', /not something I can calculate/],
  ['max', /not a number/],
  ['2 +', /cannot be read/],
])('%s is refused', async (expression, message) => {
  await expect(calculate(expression)).rejects.toThrow(message)
})

test.each([
  ['brackets', '('.repeat(500)],
  ['matched brackets', `${'('.repeat(249)}1${')'.repeat(249)}`],
  ['powers', '9^'.repeat(249) + '9'],
  ['factorials', `9${'!'.repeat(499)}`],
  ['signs', `${'-'.repeat(499)}1`],
  ['implicit products', '1/2 '.repeat(125)],
  ['conditions', '1?'.repeat(250)],
])('a formula of nothing but %s ends at once', async (_name, expression) => {
  const startedAt = performance.now()
  await calculate(expression).catch((error: unknown) => expect(error).toBeInstanceOf(CannotCalculate))
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('a formula over the length limit is refused unread', async () => {
  await expect(calculate('1+'.repeat(300))).rejects.toThrow('longer than 500 characters')
})
