const problems: Readonly<Record<string, string>> = {
  unauthorized: 'Sign in first, then buy credits.',
  forbidden: 'Your role in this workspace does not let you buy for it.',
  stripe_not_configured: 'This server takes no payments by card.',
  invalid_plan: 'There is no such plan. Choose one of these.',
  invalid_price: 'Credits are not sold at that price.',
  no_checkout_url: 'Stripe made no page to pay at. Nothing was charged. Try again in a moment.',
  checkout_failed: 'Stripe refused, or did not answer. Nothing was charged. Try again in a moment.',
}

/** What somebody is told who comes back from a checkout, or never got there. */
export function messageOf(query: URLSearchParams): { tone: 'neutral' | 'danger'; text: string } | undefined {
  const error = query.get('error')
  if (error !== null) return { tone: 'danger', text: problems[error] ?? 'The checkout could not be opened.' }
  if (query.has('paid'))
    return { tone: 'neutral', text: 'Thank you. Your credits are there once Stripe has confirmed the payment, which takes moments.' }
  if (query.has('payment_cancelled') || query.has('cancelled'))
    return { tone: 'neutral', text: 'Nothing was bought, and nothing was charged.' }
  const upgrade = query.get('upgrade')
  if (upgrade === 'success')
    return { tone: 'neutral', text: 'Thank you. The room for files is there once Stripe has confirmed the payment, which takes moments.' }
  if (upgrade !== null) return { tone: 'neutral', text: 'Nothing was bought, and nothing was charged.' }
  return undefined
}
