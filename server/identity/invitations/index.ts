export { checkInvitation, forgetOldInvitations, joinByInvitation } from './invitations.service.ts'
