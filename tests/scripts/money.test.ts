import { expect, test } from 'vitest'
import { findInexactMoney } from '../../scripts/structure/money-rules.ts'

const check = (text: string): string[] => findInexactMoney('server/money/x.ts', text)

test.each([
  ['const share = amountMicroUsd / 2', 'divided'],
  ['const share = Math.floor((row.priceCents * 3) / count)', 'through Math.floor'],
  ['amountMicroUsd /= 2', 'divided'],
  ['const fee = amountMicroUsd * 0.005', 'fraction'],
  ['const amountMicroUsd = usd * 1.5', 'made by 1.5'],
  ['const costNanoUsd = Math.round(cost * 1000)', 'made by Math.round'],
  ['const row = { amountMicroUsd: Number(body.amount) }', 'made by Number'],
  ['const toCents = (usd: string) => parseFloat(usd) * 100', 'made by parseFloat'],
  ['const usd = Number(balanceUnits)', 'through Number'],
  ['const text = limitCents.toFixed(2)', 'toFixed'],
  ['const text = (limitPence * 2).toFixed(2)', 'toFixed'],
  ['const half = await balanceMicroUsd() / 2', 'divided'],
  ['const sum = sql<number>`sum(cost_nano_usd) / 1e9`', 'SQL'],
  ['const sum = sql<number>`sum(amount_micro_usd)::float8`', 'SQL'],
  ['const view = <p>{gasWei / 10n}</p>', 'divided'],
])('%s is refused', (text, reason) => {
  const problems = findInexactMoney('app/x.tsx', text)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(/^app\/x\.tsx:1: /)
  expect(problems[0]).toContain(reason)
})

test.each([
  'const sum = amountMicroUsd + 2 * feeMicroUsd',
  'const rest = Math.max(0, amountMicroUsd - takenMicroUsd)',
  'const isEnough = balanceUnits >= 10n ** 6n',
  'const lost = amountMicroUsd % 10_000',
  'const share = bytes / 1024',
  'const text = formatUsd(amountMicroUsd)',
  'const amountMicroUsd = parseUsd(text)',
  'const halves = total / parts.map((part) => part.amountMicroUsd).length',
  'const rows = sql`select amount_micro_usd, now() from ledger_holds`',
])('%s is fine', (text) => expect(check(text)).toEqual([]))
