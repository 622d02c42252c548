import { redirect, type LoaderFunctionArgs } from '@remix-run/node'

/** Where Stripe sends people back to who wanted more room for files: the page about what they pay has the rest. */
export const loader = ({ request }: LoaderFunctionArgs) => redirect(`/billing${new URL(request.url).search}`)
