import type { Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { startTemporaryServer, type TemporaryServer } from '../../scripts/temporary-server.ts'
import { FakeStripe } from '../fakes/stripe/fake-stripe.ts'
import type { Session } from '../fakes/stripe/state.ts'
import { expectWellMade, register, useBrowser, visit } from './browser.ts'

const browser = useBrowser()
let stripe: FakeStripe
let server: TemporaryServer
beforeAll(async () => {
  stripe = await FakeStripe.start()
  server = await startTemporaryServer(stripe.env)
})
afterAll(async () => {
  await server.stop()
  await stripe.close()
})

async function open(path: string): Promise<Page> {
  const page = await browser.open(path, { baseURL: server.url })
  await page.route('https://checkout.stripe.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Stripe</h1>' }))
  return page
}

/** Pays at Stripe, where the page is, and has Stripe say so. */
async function pay(page: Page): Promise<Session> {
  await page.waitForURL('https://checkout.stripe.com/**')
  const session = stripe.pay(page.url())
  await stripe.deliveries.deliver(`${server.url}/api/webhooks/stripe`)
  return session
}

test('a plan and credits are bought, and what is used of them is shown', async () => {
  const page = await open('/')
  await register(page)
  await page.getByRole('link', { name: 'Billing', exact: true }).click()
  await page.getByText('No paid plan').waitFor()
  await page.getByText('Nothing went in or out yet.').waitFor()
  await page.getByRole('button', { name: 'Choose Solo' }).click()
  const { id } = await pay(page)
  await visit(page, `/checkout/success?session_id=${id}&plan=solo`)
  await page.getByRole('heading', { name: 'Your plan is solo' }).waitFor()

  stripe.passDays(8)
  await stripe.deliveries.deliver(`${server.url}/api/webhooks/stripe`)
  await visit(page, '/billing')
  await page.getByRole('meter', { name: 'Calls of models today' }).waitFor()
  await page
    .getByRole('link', { name: /^Show invoice/ })
    .first()
    .waitFor()
  await page.getByText('Your plan', { exact: true }).waitFor()
  await expectWellMade(page)

  await page.getByRole('button', { name: '15 credits for $15' }).click()
  await pay(page)
  await visit(page, '/billing?paid=1')
  await page.getByRole('status').getByText('Thank you').waitFor()
  await page.getByRole('list', { name: 'What went in and out' }).getByText('+15.00').waitFor()

  await visit(page, '/billing?payment_cancelled=1')
  await page.getByRole('status').getByText('nothing was charged').waitFor()
})

test('a budget is set and shown with what is used of it, and goes again', async () => {
  const page = await open('/')
  await register(page)
  await visit(page, '/billing')
  await page.getByRole('button', { name: 'Set a budget' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('At most').fill('a lot')
  await dialog.getByRole('button', { name: 'Set budget' }).click()
  await dialog.getByText('Expected US dollars').waitFor()
  await dialog.getByLabel('At most').fill('12.50')
  await dialog.getByRole('button', { name: 'Set budget' }).click()
  await page.getByText('$0.00 of $12.50').waitFor()
  await page.getByRole('meter', { name: 'Whole workspace each month' }).waitFor()
  await expectWellMade(page)
  await page.getByRole('button', { name: 'Past windows of Whole workspace' }).click()
  await page.getByText('Nothing was used yet.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Remove the budget of Whole workspace' }).click()
  await page.getByRole('button', { name: 'Remove budget' }).click()
  await page.getByRole('meter', { name: 'Whole workspace each month' }).waitFor({ state: 'detached' })
})

test('prices are there for everybody, and lead to a checkout', async () => {
  const page = await open('/pricing')
  await page.getByRole('heading', { name: /^Label/ }).waitFor()
  await expectWellMade(page)
  await page.getByRole('link', { name: 'Choose Label' }).click()
  await page.waitForURL('https://checkout.stripe.com/**')
  await visit(page, '/pricing?cancelled=1')
  await page.getByRole('status').getByText('nothing was charged').waitFor()
})
