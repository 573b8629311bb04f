package smtp

// PasswordAuth chooses how to log in.
var PasswordAuth = passwordAuth
