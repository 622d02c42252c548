import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporaryServer, type TemporaryServer } from '../../scripts/temporary-server.ts'
import { anyAddress, startBaseChain, type BaseChain } from '../helpers/base-chain.ts'
import { expectWellMade, register, useBrowser, visit } from './browser.ts'

const browser = useBrowser()
const USDC = 1_000_000n
let chain: BaseChain
let server: TemporaryServer
beforeAll(async () => {
  chain = await startBaseChain()
  server = await startTemporaryServer({
    BASE_RPC_URL: chain.rpc.url,
    CHAIN_CONFIRMATIONS: '1',
    ALLOW_EMBEDDED_WALLETS: 'on',
    SETTLEMENT_FEE_ADDRESS: anyAddress(),
    SELF_HOSTED_PLAN: 'solo',
  })
})
afterAll(async () => {
  await server.stop()
  await chain.close()
})

async function openNew(path: string): Promise<Page> {
  const page = await browser.open('/', { baseURL: server.url })
  await register(page)
  await visit(page, path)
  return page
}

/** Makes a wallet on its page. @returns its address */
async function createWallet(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Create a wallet' }).click()
  return page.locator('code').innerText()
}

async function setApprovalAbove(page: Page, usdc: string): Promise<void> {
  await page.getByRole('button', { name: 'Set a policy' }).click()
  await page.getByLabel('An owner approves more than').fill(usdc)
  await page.getByRole('button', { name: 'Set policy', exact: true }).click()
  await page.getByText(`an owner approves more than ${usdc}`).waitFor()
}

test('a wallet is made and filled, and what goes beyond its policy is sent once an owner approves it', async () => {
  const page = await openNew('/wallet')
  await page.getByRole('heading', { name: 'No wallet yet' }).waitFor()
  const address = await createWallet(page)
  await page.getByRole('img', { name: 'The address as a QR code' }).waitFor()
  await chain.fund(address, 50n * USDC)
  await visit(page, '/wallet?top_up=success')
  await page.getByRole('status').getByText('Thank you').waitFor()
  await page.getByRole('definition').getByText('50.00', { exact: true }).waitFor()
  await setApprovalAbove(page, '10.00')

  const to = anyAddress()
  await page.getByRole('button', { name: 'Send USDC' }).click()
  await page.getByLabel('To', { exact: true }).fill(to)
  await page.getByLabel('USDC', { exact: true }).fill('12.5')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('An owner is asked first.').waitFor()
  await expectWellMade(page)
  await page.getByRole('button', { name: 'Ask an owner' }).click()
  await page.getByRole('heading', { name: 'Waiting for an owner' }).waitFor()
  await page.getByText('It can be approved until').waitFor()
  await expectWellMade(page)
  expect(await chain.usdcOf(to)).toBe(0n)

  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('12.50 USDC paid').waitFor()
  expect(await chain.usdcOf(to)).toBe(12_500_000n)
  await visit(page, '/wallet')
  const moved = page.getByRole('list', { name: 'On the chain lately' })
  await moved.getByText('−12.50 USDC').waitFor()
  const link = moved.getByRole('link', { name: /12\.50 USDC sent/ })
  expect(await link.getAttribute('href')).toMatch(/^https:\/\/basescan\.org\/tx\/0x[0-9a-f]{64}$/)
  await expectWellMade(page)

  chain.rpc.isDown = true
  await visit(page, '/wallet')
  await page.getByText('What it has is not known now.').waitFor()
  chain.rpc.isDown = false
})

test('a booking gets an address for its money, and everybody is paid when it is released', async () => {
  const page = await openNew('/bookings')
  await page.getByText('No bookings yet').waitFor()
  const [artist, agent] = [anyAddress(), anyAddress()]
  await page.getByRole('button', { name: 'New booking' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Venue').fill('Shed 4')
  await dialog.getByLabel('Day').fill('2027-07-18')
  await dialog.getByLabel('Guarantee').fill('400')
  await dialog.getByLabel('Deposit').fill('80')
  await dialog.getByLabel('Shares').fill(`80 artist ${artist} Ines Vale\n20 agent ${agent} Northquay`)
  await expectWellMade(page)
  await dialog.getByRole('button', { name: 'Store booking' }).click()
  const card = page.getByRole('list', { name: 'Bookings' }).getByRole('listitem').first()
  await card.getByText('waits for its deposit').waitFor()
  await card.getByRole('button', { name: 'Make deposit address' }).click()
  const escrow = await card.locator('code').innerText()
  await card.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('button', { name: 'Release', exact: true }).last().click()
  await page.getByText('needs 406.00 USDC, of which 0.00 have arrived').waitFor()
  await chain.fund(escrow, 406n * USDC)
  await page.getByRole('button', { name: 'Release', exact: true }).last().click()
  await card.getByRole('link', { name: 'paid' }).nth(2).waitFor()
  expect(await Promise.all([artist, agent].map(chain.usdcOf))).toEqual([320n * USDC, 80n * USDC])
  await expectWellMade(page)
})

test('a split is only calculated without a wallet, and beyond a policy waits for an owner who sees the fee', async () => {
  const page = await openNew('/bookings')
  const payee = anyAddress()
  await page.getByRole('button', { name: 'New rule' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Ines Vale')
  await dialog.getByLabel('Address on Base').fill(payee)
  await dialog.getByLabel('Percent').fill('60')
  await dialog.getByRole('button', { name: 'Store rule' }).click()
  await page.getByLabel('Release', { exact: true }).fill('Slack Water')
  await page.getByLabel('Amount (USDC)').fill('100')
  await page.getByLabel('Ines Vale, 60 %').check()
  await page.getByRole('button', { name: 'Store split' }).click()
  const split = page.getByRole('list', { name: 'Splits' }).getByRole('listitem').first()
  await split.getByText('100.00 USDC · fee 0.50 USDC').waitFor()
  const shareOut = async () => {
    await split.getByRole('button', { name: 'Share out' }).click()
    await page.getByRole('dialog').getByText('with a fee of 0.50 USDC').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Share out' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await shareOut()
  await split.getByText('only calculated').first().waitFor()

  await visit(page, '/wallet')
  await chain.fund(await createWallet(page), 100n * USDC)
  await setApprovalAbove(page, '50.00')
  await visit(page, '/bookings')
  await shareOut()
  await split.getByText('An owner is asked.').waitFor()
  await expectWellMade(page)
  expect(await chain.usdcOf(payee)).toBe(0n)
  await split.getByRole('button', { name: 'Approve 100.00 USDC' }).click()
  await split.getByText('payouts are on their way').waitFor()
  await expect.poll(() => chain.usdcOf(payee)).toBe(59_700_000n)
})
