package stores

import (
	"cmp"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// Errors about addresses of servers quote nothing: in an address that cannot be read the
// password may be anywhere.
var (
	errPostgres = &AddressError{"the address of PostgreSQL cannot be parsed"}
	errRedis    = &AddressError{"the address of Redis cannot be parsed: it is HOST:PORT, or a URL such as redis://localhost:6379/0; a cluster has no number"}
	errAt       = &AddressError{"the address has an @ behind its host: in a password @ is written %40, / is %2F, ? is %3F and # is %23"}
)

// parsePostgres reads what the driver takes: a URL, or settings.
func parsePostgres(dsn string) (Address, error) {
	if err := plainURL(dsn); err != nil {
		return Address{}, err
	}
	pool, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return Address{}, errPostgres
	}
	config := pool.ConnConfig
	secrets := []string{config.Password}
	hosts := []string{config.Host}
	for _, f := range config.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	for _, host := range hosts {
		if !isHost(host) && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") { // the last two are sockets
			return Address{}, errPostgres
		}
	}
	for name, value := range config.RuntimeParams { // of a mistyped name, it may be the password
		if !slices.Contains([]string{"application_name", "client_encoding", "datestyle", "search_path", "timezone"}, strings.ToLower(name)) {
			secrets = append(secrets, value)
		}
	}
	return Address{kind: postgres, rest: dsn, secrets: spellings(append(secrets, written(dsn)...))}, nil
}

// parseRedis reads hosts, or a URL.
func parseRedis(rest string) (Address, error) {
	if err := plainURL(rest); err != nil {
		return Address{}, err
	}
	server, err := redisAt(rest)
	if err != nil {
		return Address{}, errRedis
	}
	for _, address := range server.addresses {
		host, port, err := net.SplitHostPort(address)
		if err != nil || !isHost(host) {
			return Address{}, errRedis
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return Address{}, errRedis
		}
	}
	secrets := append(written(rest), server.password)
	if server.password == "" {
		secrets = append(secrets, server.user) // probably meant as the password
	}
	return Address{kind: redisKV, rest: rest, secrets: spellings(secrets)}, nil
}

// A redisServer is how a server, or a cluster, is reached.
type redisServer struct {
	addresses      []string
	user, password string
	client         func() redis.UniversalClient
}

// redisAt returns the server that an address is of. Somebody waits for the answer, so it is
// dialled once.
func redisAt(rest string) (*redisServer, error) {
	if !strings.Contains(rest, "://") {
		addresses := strings.Split(rest, ",")
		return &redisServer{addresses: addresses, client: func() redis.UniversalClient {
			return redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addresses, DialerRetries: 1})
		}}, nil
	}
	u, err := url.Parse(clusterURL(rest))
	if err != nil {
		return nil, err
	}
	if !u.Query().Has("addr") {
		o, err := redis.ParseURL(rest)
		if err != nil {
			return nil, err
		}
		o.DialerRetries = 1
		return &redisServer{[]string{o.Addr}, o.Username, o.Password, func() redis.UniversalClient { return redis.NewClient(o) }}, nil
	}
	if strings.Trim(u.Path, "/") != "" {
		return nil, errRedis // a cluster has no numbered databases
	}
	o, err := redis.ParseClusterURL(u.String())
	if err != nil {
		return nil, err
	}
	o.DialerRetries = 1
	return &redisServer{o.Addrs, o.Username, o.Password, func() redis.UniversalClient { return redis.NewClusterClient(o) }}, nil
}

// clusterURL returns a URL with several hosts as the client takes it: the others are parameters.
func clusterURL(text string) string {
	scheme, rest, _ := strings.Cut(text, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	at := strings.LastIndex(authority, "@") + 1
	hosts := strings.Split(authority[at:], ",")
	path, query, _ := strings.Cut(rest[end:], "?")
	for _, host := range hosts[1:] {
		query += "&addr=" + url.QueryEscape(host)
	}
	if query = strings.TrimPrefix(query, "&"); query != "" {
		query = "?" + query
	}
	return scheme + "://" + authority[:at] + hosts[0] + path + query
}

// plainURL returns an error if an address may mean something else than it says: with an @
// behind the host, the password is probably cut in two, and the parts are taken for a host and
// the name of a database.
func plainURL(text string) error {
	_, rest, found := strings.Cut(text, "://")
	if !found {
		return nil
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return nil
	}
	path, query, _ := strings.Cut(rest[end:], "?")
	if strings.ContainsAny(path, "@#") {
		return errAt
	}
	for _, part := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if strings.ContainsAny(name+value, "#/?") && strings.Contains(part, "@") || strings.Contains(name, "@") {
			return errAt
		}
	}
	return nil
}

// written returns what an address writes where passwords are, as it is written: what does not
// say so is none.
func written(text string) (list []string) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		for _, m := range settings().FindAllStringSubmatch(text, -1) {
			list = append(list, strings.Trim(m[1], "'"))
		}
		return list
	}
	authority, query, _ := strings.Cut(rest, "?")
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		if user, password, found := strings.Cut(authority[:at], ":"); found {
			list = append(list, password)
		} else if scheme == "redis" || scheme == "rediss" {
			list = append(list, user)
		}
	}
	for _, part := range strings.Split(query, "&") {
		if name, value, _ := strings.Cut(part, "="); strings.HasSuffix(strings.ToLower(name), "password") {
			list = append(list, value)
		}
	}
	return list
}

// settings matches the password in settings such as host=db password='x y'.
func settings() *regexp.Regexp {
	return regexp.MustCompile(`(?i)password\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s\\]|\\.)+)`)
}

// spellings returns secrets as they are, as addresses and errors may write them, and without
// those that are empty: the longest first.
func spellings(secrets []string) (list []string) {
	for _, s := range secrets {
		plain, err := url.PathUnescape(s)
		if err != nil {
			plain = s
		}
		for _, s := range []string{s, plain} {
			quoted := strconv.Quote(s)
			list = append(list, s, quoted[1:len(quoted)-1], url.QueryEscape(s), url.PathEscape(s))
		}
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// isHost reports whether a text is the name of a host, or its IP address.
func isHost(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_:%", r)
	})
}
