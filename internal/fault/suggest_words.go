package fault

import "slices"

// OtherWords are words that other products, query languages and people have for
// ours, as [AppendPlain] writes them. The first of ours that is known in its place
// is meant: "type" is a channel in a message.
var OtherWords = map[string][]string{ //nolint:gochecknoglobals // a table that nothing writes to
	// operators
	"equals": {"is"}, "equal": {"is"}, "equalto": {"is"}, "isequalto": {"is"}, "eq": {"is"}, "=": {"is"}, "==": {"is"}, "===": {"is"}, "matchesexactly": {"is"},
	"notequals": {"is_not"}, "notequal": {"is_not"}, "notequalto": {"is_not"}, "isnotequalto": {"is_not"}, "doesnotequal": {"is_not"},
	"ne": {"is_not"}, "neq": {"is_not"}, "!=": {"is_not"}, "!==": {"is_not"}, "<>": {"is_not"}, "isnt": {"is_not"},
	"like": {"contains"}, "ilike": {"contains"}, "includes": {"contains"}, "include": {"contains"}, "contain": {"contains"}, "has": {"contains", "has_any_value"},
	"notcontains": {"does_not_contain"}, "notcontain": {"does_not_contain"}, "doesntcontain": {"does_not_contain"}, "notlike": {"does_not_contain"},
	"notincludes": {"does_not_contain"}, "excludes": {"does_not_contain", "contains_none"},
	"match": {"matches"}, "glob": {"matches"}, "wildcard": {"matches"}, "matchespattern": {"matches"}, "beginswith": {"starts_with"}, "prefix": {"starts_with"}, "suffix": {"ends_with"}, "word": {"contains_word"},
	"oneof": {"in"}, "isoneof": {"in"}, "anyof": {"in", "any"}, "isanyof": {"in"}, "isin": {"in"},
	"noneof": {"not_in", "not"}, "notoneof": {"not_in"}, "isnotoneof": {"not_in"}, "isnoneof": {"not_in"}, "nin": {"not_in"},
	"gt": {"greater_than"}, ">": {"greater_than"}, "greater": {"greater_than"}, "morethan": {"greater_than"}, "isgreaterthan": {"greater_than"}, "above": {"greater_than"}, "over": {"greater_than"},
	"lt": {"less_than"}, "<": {"less_than"}, "less": {"less_than"}, "fewerthan": {"less_than"}, "islessthan": {"less_than"}, "below": {"less_than"}, "under": {"less_than"},
	"gte": {"at_least"}, "ge": {"at_least"}, ">=": {"at_least"}, "≥": {"at_least"}, "greaterthanorequal": {"at_least"}, "greaterthanorequalto": {"at_least"}, "greaterthanorequals": {"at_least"}, "min": {"at_least"}, "minimum": {"at_least"},
	"lte": {"at_most"}, "le": {"at_most"}, "<=": {"at_most"}, "≤": {"at_most"}, "lessthanorequal": {"at_most"}, "lessthanorequalto": {"at_most"}, "lessthanorequals": {"at_most"}, "max": {"at_most"}, "maximum": {"max", "at_most"},
	"range": {"between"}, "inrange": {"between"},
	"olderthan": {"more_than_ago"}, "morethandaysago": {"more_than_ago"}, "notinlast": {"more_than_ago"}, "notinthelast": {"more_than_ago"},
	"newerthan": {"less_than_ago"}, "lessthandaysago": {"less_than_ago"}, "inlast": {"less_than_ago"}, "inthelast": {"less_than_ago"}, "withinlast": {"less_than_ago"}, "withinthelast": {"less_than_ago"},
	"exactly": {"exactly_ago", "is"}, "daysago": {"exactly_ago"}, "exactlydaysago": {"exactly_ago"}, "innext": {"less_than_ahead"}, "inthenext": {"less_than_ahead"}, "withinnext": {"less_than_ahead"}, "withinthenext": {"less_than_ahead"}, "notinnext": {"more_than_ahead"}, "notinthenext": {"more_than_ahead"}, "daysahead": {"exactly_ahead"}, "daysfromnow": {"exactly_ahead"}, "since": {"after"}, "until": {"before"}, "onday": {"on"},
	"exists": {"has_any_value"}, "isset": {"has_any_value"}, "isknown": {"has_any_value"}, "known": {"has_any_value"}, "isnotnull": {"has_any_value"}, "notnull": {"has_any_value"}, "present": {"has_any_value"}, "ispresent": {"has_any_value"}, "isnotempty": {"has_any_value"}, "notempty": {"has_any_value"}, "hasvalue": {"has_any_value"},
	"notexists": {"is_unknown"}, "doesnotexist": {"is_unknown"}, "isnotset": {"is_unknown"}, "notset": {"is_unknown"}, "unset": {"is_unknown"}, "isnull": {"is_unknown"}, "null": {"is_unknown"}, "isempty": {"is_unknown"}, "empty": {"is_unknown"}, "missing": {"is_unknown"}, "unknown": {"is_unknown"}, "hasnovalue": {"is_unknown"}, "notknown": {"is_unknown"},
	"containsoneof": {"contains_any"}, "hasany": {"contains_any"}, "hasall": {"contains_all"}, "hasnone": {"contains_none"}, "intersects": {"contains_any"},

	// members of a rule
	"and": {"all"}, "&&": {"all"}, "allof": {"all"}, "every": {"all"}, "conditions": {"all"}, "rules": {"all"}, "must": {"all"}, "or": {"any"}, "||": {"any"}, "some": {"any"}, "should": {"any"}, "!": {"not"}, "none": {"not"}, "mustnot": {"not"}, "nor": {"not"},
	"operator": {"op"}, "operation": {"op"}, "comparison": {"op"}, "comparator": {"op"}, "cmp": {"op"}, "predicate": {"op"},
	"values": {"value"}, "val": {"value"}, "operand": {"value"}, "rhs": {"value"}, "compareto": {"value"},
	"attribute": {"user", "date"}, "attributes": {"user"}, "property": {"user"}, "field": {"user"}, "trait": {"user"}, "userattribute": {"user"}, "contact": {"user"}, "person": {"user"}, "customer": {"user"}, "profile": {"user"},
	"account": {"company"}, "organization": {"company"}, "organisation": {"company"}, "companyattribute": {"company"}, "group": {"company"},
	"properties": {"metadata"}, "props": {"metadata"}, "eventproperty": {"metadata"}, "params": {"metadata"}, "payload": {"metadata"}, "url": {"page", "link"}, "audience": {"segment"}, "cohort": {"segment"}, "list": {"segment"}, "aggregate": {"stat"}, "aggregation": {"stat"}, "metric": {"stat"}, "measure": {"stat"},
	"last": {"within"}, "window": {"within", "schedule"}, "timeframe": {"within"}, "period": {"within", "every"}, "duration": {"within"}, "lookback": {"within"}, "filter": {"where", "audience"}, "filters": {"where", "audience"},

	// stats
	"times": {"count"}, "total": {"count"}, "number": {"count"}, "occurrences": {"count"}, "latest": {"last", "last_sent"}, "mostrecent": {"last", "last_sent"}, "lastseen": {"last"}, "lastoccurrence": {"last"}, "earliest": {"first"}, "firstseen": {"first"}, "firstoccurrence": {"first"}, "sent": {"sent_count"}, "sends": {"sent_count"},

	// programs and messages
	"campaigns": {"messages"}, "campaign": {"messages"}, "notifications": {"messages"}, "journeys": {"series"}, "flows": {"series"}, "workflows": {"series"}, "automations": {"series"}, "audiences": {"segments"}, "cohorts": {"segments"}, "limits": {"caps"}, "frequencycaps": {"caps"}, "frequencycap": {"caps", "frequency"}, "businesshours": {"office_hours"}, "workinghours": {"office_hours"},
	"tz": {"timezone"}, "zone": {"timezone"}, "title": {"name", "subject"}, "type": {"channel", "mode"}, "kind": {"channel"}, "medium": {"channel"}, "enabled": {"status", "live"}, "active": {"status", "live"}, "state": {"status"}, "rule": {"audience"}, "who": {"audience"}, "targeting": {"audience"}, "target": {"audience"}, "on": {"trigger"}, "when": {"trigger"}, "event": {"event_name", "trigger"},
	"throttle": {"frequency"}, "ratelimit": {"frequency"}, "cooldown": {"frequency"}, "delay": {"wait"}, "sleep": {"wait"}, "windows": {"schedule"}, "holdout": {"control"}, "controlgroup": {"control"}, "conversion": {"goal"}, "label": {"tags"}, "labels": {"tags"}, "categories": {"tags"}, "template": {"content", "body"}, "message": {"content", "body"}, "text": {"body", "sms", "string"}, "html": {"body"}, "interval": {"every"}, "limit": {"max"}, "count": {"max"}, "startat": {"start"}, "stopat": {"stop"}, "end": {"stop", "exit"}, "endat": {"stop"}, "expires": {"show_until"}, "unlessevent": {"unless"}, "cancelon": {"unless"}, "steps": {"blocks"}, "nodes": {"blocks"}, "then": {"next"}, "goto": {"next"}, "else": {"no"}, "true": {"yes"}, "false": {"no"},

	// words of enumerations
	"published": {"live"}, "running": {"live"}, "inactive": {"paused"}, "disabled": {"paused"}, "off": {"paused"}, "archived": {"stopped"}, "ended": {"stopped"}, "mail": {"email"}, "emails": {"email"}, "textmessage": {"sms"}, "pushnotification": {"push"}, "mobilepush": {"push"}, "inapp": {"chat"}, "inappmessage": {"chat"}, "modal": {"post"}, "popup": {"post"}, "tour": {"product_tour"},
	"once": {"one_off"}, "onetime": {"one_off"}, "broadcast": {"one_off"}, "blast": {"one_off"}, "continuous": {"ongoing"}, "dynamic": {"ongoing"}, "automatic": {"ongoing"}, "transactional": {"triggered"}, "postpone": {"hold"}, "defer": {"hold"}, "skip": {"drop"}, "discard": {"drop"}, "plain": {"text"}, "plaintext": {"text"}, "blank": {"empty"},

	"money": {"monetary"}, "price": {"monetary"}, "amount": {"monetary"}, "currency": {"monetary"}, "str": {"string"}, "varchar": {"string"}, "bool": {"boolean"}, "int": {"number"}, "integer": {"number"}, "float": {"number"}, "double": {"number"}, "numeric": {"number"}, "datetime": {"date"}, "uri": {"link", "url"}, "href": {"link", "url"}, "picture": {"image"}, "photo": {"image"},

	"monday": {"mon"}, "tuesday": {"tue"}, "tues": {"tue"}, "wednesday": {"wed"}, "thursday": {"thu"}, "thurs": {"thu"}, "friday": {"fri"}, "saturday": {"sat"}, "sunday": {"sun"},

	// fields of posted events
	"eventname": {"event"}, "eventtype": {"event_name"}, "uid": {"user_id"}, "distinctid": {"user_id"}, "customerid": {"user_id"}, "externalid": {"user_id"}, "visitorid": {"anonymous_id"}, "deviceid": {"anonymous_id"}, "messageid": {"event_id"}, "insertid": {"event_id"}, "idempotencykey": {"event_id"}, "accountid": {"company_id"}, "groupid": {"company_id"}, "emailaddress": {"email"}, "timestamp": {"created_at", "date"}, "time": {"created_at"}, "occurredat": {"created_at"}, "meta": {"metadata"}, "data": {"metadata"}, "eventproperties": {"metadata"}, "eventtime": {"created_at"}, "eventtimestamp": {"created_at"}, "user": {"user_id"}, "company": {"company_id"}, "imported": {"import"},

	// fields of contacts
	"customattributes": {"attributes"}, "traits": {"attributes"}, "unsubscribedfrom": {"unsubscribed"},
}

// OtherWord returns the word of ours that another product calls so; empty if
// none of the known ones is.
func OtherWord(name string, known []string) string {
	var buf [MaxQuoted]byte
	if len(name) > len(buf) {
		return ""
	}
	for _, ours := range OtherWords[string(AppendPlain(buf[:0], name))] {
		if slices.Contains(known, ours) {
			return ours
		}
	}
	return ""
}

// AppendPlain appends a word in lower case, without what stands between its
// parts and without the $ of query languages.
func AppendPlain(dst []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == ' ' || c == '$' || c == '.':
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c-'A'+'a')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
