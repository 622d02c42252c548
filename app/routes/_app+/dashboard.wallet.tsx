import { redirect, type LoaderFunctionArgs } from '@remix-run/node'

/** Where Stripe sends people back to who topped a wallet up. */
export const loader = ({ request }: LoaderFunctionArgs) => redirect(`/wallet${new URL(request.url).search}`)
