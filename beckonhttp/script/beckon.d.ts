// The types of beckon.js, for a page that loads it by a script element:
//
//	/// <reference path="beckon.d.ts" />
//
// With data-global="Intercom" declare the other name as well:
//
//	declare const Intercom: Beckon;

interface BeckonSettings {
	/** Who is logged in, with its proof (beckonhttp.UserHash). A session of the host needs neither. */
	user_id?: string | number;
	user_hash?: string;
	/** Only to tell users apart on this page: the server does not believe it. */
	email?: string;
	/** What the buttons say to a screen reader. */
	labels?: { dismiss?: string; message?: string };
	/** All else is passed by: attributes are the host's to send. */
	[other: string]: unknown;
}

type BeckonValue =
	| string
	| number
	| boolean
	| { url: string; value: string }
	| { amount: number; currency: string };

/** A message that is shown. */
interface BeckonDelivery {
	id: string;
	message: string;
	channel: string;
	subject: string;
	format: 'text' | 'html';
	body: string;
	data: Record<string, string>;
}

interface Beckon {
	/** Begins: counts a visit, sends what was tracked before, and shows what there is. */
	(method: 'boot', settings?: BeckonSettings): void;
	/** Counts another visit, such as that of another address, with settings that have changed. */
	(method: 'update', settings?: BeckonSettings): void;
	/** Tracks an event that the server lists (beckonhttp.WithBrowserEvents). */
	(method: 'trackEvent', name: string, metadata?: Record<string, BeckonValue>): void;
	/** Ends, for a user who logs out: shows nothing more, and forgets the visitor. */
	(method: 'shutdown'): void;
	/** Has the page fill the body of a channel's messages in, such as a survey's form. */
	(method: 'render', channel: string, fill: (delivery: BeckonDelivery, body: HTMLElement, close: () => void) => void): void;
	/** The random id of this browser. */
	(method: 'getVisitorId'): string;
}

declare const beckon: Beckon;

interface Window {
	beckon: Beckon;
	/** Settings to boot with when the script has loaded. */
	beckonSettings?: BeckonSettings;
}
