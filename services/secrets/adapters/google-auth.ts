/** A file of its own, so that the library is loaded by whoever needs it: most have no secret at Google. */
export { GoogleAuth } from 'google-auth-library';
