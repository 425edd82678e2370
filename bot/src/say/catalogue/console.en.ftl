# What the console's server says by itself: why a request was not served, and the banner of a drill.
# The page prints these; none holds a token.

console-wrong-host = This address is not one of Lifeboat's: it is reached as { $places }. Nothing was shown or changed. Open it there, or set public_url in lifeboat.toml.
console-wrong-token = This bearer token is unknown or was revoked. Nothing was shown or changed. Make one with: lifeboat token add NAME
console-no-token = To sign in, open the link that lifeboat token add NAME prints: this address with /login?token=TOKEN and the token. You are not signed in.
console-wrong-link = This link was used already, or its token is unknown. You are not signed in. Open the link that lifeboat token add NAME prints: the address of this page with /login?token=TOKEN behind it. Or start Lifeboat again for a new link that works once.
console-too-many = Too many wrong tokens came from your address. You are not signed in. Try again in { $seconds } s.
console-not-signed-in = Nobody is signed in here, so the page is read-only. Nothing was changed. Open the link that lifeboat run printed, or the one that lifeboat token add NAME prints
console-wrong-origin = This request was sent by another site's page. Nothing was changed. Work on the page itself: { $places }
console-no-header = This request lacks the header X-Lifeboat: 1. Nothing was changed. Send it along with the cookie.
console-not-json = This request is not JSON. Nothing was changed. Send it with Content-Type: application/json.
console-bad-request = This request cannot be read ({ $why }). Nothing was changed.
console-too-large = This request is larger than 64 KiB. Nothing was changed. Send less text.
console-too-slow = Lifeboat did not answer in time. Whether something was changed is not known; reload the page and look before you try again.
console-stopping = Lifeboat is stopping. Whether something was changed is not known; reload the page when it runs again and look before you try again.
console-not-found = There is nothing here. Nothing was changed. Go back to the page.
console-no-incident = There is no incident { $incident }.
console-no-channel = There is no channel { $channel }.
console-no-service = There is no service { $service } with counted requests.
console-many-streams = Too many pages follow Lifeboat at once. Close one; this page tries again by itself.
console-not-stored = You are not signed in: the session could not be stored ({ $why }). Look at the data directory, then open the link anew.
console-may-read = read only
console-drill = Nothing here is real, and nobody is woken. You may play several people: @second in front of a line speaks as second. Quiet hours pass faster than yours.
console-drill-over = The drill is over: users no longer suffer. Its record and its postmortem stay.
console-drill-over-failing = The drill is over: users still suffer. Its record and its postmortem stay.
