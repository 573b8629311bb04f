package beckon

import "time"

// parseRFC3339 reads a time as the grammar of RFC 3339 has it, in capitals,
// and gives its Unix second: a fraction is cut off. It differs from time.Parse
// in what it refuses (one-digit hours, a comma), and in that refusing
// allocates nothing: hostile text is judged by date operators, too.
func parseRFC3339(s string) (sec int64, ok bool) {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) {
		return 0, false
	}
	for i := range len(form) {
		if digit := '0' <= s[i] && s[i] <= '9'; digit != (form[i] == '0') || !digit && s[i] != form[i] {
			return 0, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := two(0)*100+two(2), time.Month(two(5)), two(8)
	hour, minute, second := two(11), two(14), two(17)
	rest := s[len(form):]
	if rest[0] == '.' {
		i := 1
		for i < len(rest) && '0' <= rest[i] && rest[i] <= '9' {
			i++
		}
		if i == 1 {
			return 0, false
		}
		rest = rest[i:]
	}
	east := 0
	switch {
	case rest == "Z":
	case len(rest) == len("+00:00") && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':':
		for _, i := range [...]int{1, 2, 4, 5} {
			if rest[i] < '0' || rest[i] > '9' {
				return 0, false
			}
		}
		hours, minutes := int(rest[1]-'0')*10+int(rest[2]-'0'), int(rest[4]-'0')*10+int(rest[5]-'0')
		if hours > 23 || minutes > 59 {
			return 0, false
		}
		if east = hours*3600 + minutes*60; rest[0] == '-' {
			east = -east
		}
	default:
		return 0, false
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	// A month or a day that does not exist would move the date on.
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := midnight.Date(); y != year || m != month || d != day {
		return 0, false
	}
	return midnight.Unix() + int64(hour*3600+minute*60+second-east), true
}
