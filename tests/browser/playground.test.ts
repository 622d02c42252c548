import { expect, test } from 'vitest'
import { register, useBrowser, visit } from './browser.ts'

const browser = useBrowser()

test('the playground answers a query under its policy, with its editor and its documentation', async () => {
  const page = await browser.open('/')
  await register(page)
  await visit(page, '/graphql')
  await page.locator('.graphiql-query-editor .view-line').first().waitFor()
  await page.getByRole('button', { name: /Execute query/ }).click()
  await page.locator('.result-window').getByText('Ada Lovelace').waitFor()
  // It has read the schema too.
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.getByRole('link', { name: 'Mutation' }).waitFor()
  expect(await page.title()).toBe('Agentbot GraphQL')
})
