package beckon

// MaxSharing is how many contacts of one address are looked at.
const MaxSharing = maxSharing
