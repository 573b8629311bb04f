package beckon

// A stand-in until the check of email addresses is here.
func emailCanonical(email string) (string, bool) { return email, email != "" }
