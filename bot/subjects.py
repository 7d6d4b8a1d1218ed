"""What a short sentence may be about, and which words of which kinds tell.

Between semicolons stands one way to say it: kinds of words (`runtime/locales/*/kinds.po`), all of which must occur,
`a|b` either. The more a way says, the surer it is; what it leaves of a sentence decides the rest.
"""

SUBJECTS: dict[str, str] = {
    "delete_data": """
        delete data|account|history; delete identity mine|own|personal|member|data|everything; delete data
        personal; delete everything mine|keep; delete member; delete member everything; delete personal;
        off|close|cancel account; cancel member; stop member; delete data everything; delete own; delete ask
        want
    """,
    "copy_data": """
        copy data|everything; copy data want|mine; copy personal|account; copy history personal|mine; copy
        data|history receive|send|want; send data mine|everything; copy data mine|personal|member; copy
        everything mine|keep; data keep send; data everything request|want|have|personal|keep; data mine request
        everything; data keep personal everything; data mine request; data place everything request; copy
        request data; data request send; data personal request; everything keep mine want; copy request
    """,
    "correct_data": """
        correct data; correct data personal|mine|identity|account|want; correct data personal mine|want; correct
        data identity mine; correct personal; correct identity; correct identity mine|want|data; correct history
        personal; correct phone; correct phone mine|want; switch phone; switch phone mine|want; switch data; switch
        data personal|mine|want; switch data personal mine;
        wrong record; wrong record mine; wrong record correct|switch|ask|how|want; wrong
        data; wrong data mine|personal|correct; switch record want|how|ask; switch record want|how|ask
        mine|data; correct record; correct record mine|want|how|ask|data; correct member data; correct data
        how|ask
    """,
    "stop_all": """
        halt all; stop all; stop all send|receive|message; stop all send|receive message; off all message;
        cancel all message; cancel all message receive|send; stop all message mine|ask|want
    """,
    "write_again": """
        resume message; resume message send|receive; resume send|receive; resume message again; message again;
        message again send|receive; send|receive again
    """,
    "want_offers": """
        promo receive want|ask|resume|again; promo send ask|want|resume|again; promo resume; promo resume
        receive|send|again|mine|want|ask; promo resume again mine; promo send receive ask|want; discount resume;
        discount receive want; promo get want; promo want
    """,
    "settings": """
        settings; settings message; settings message where|how|look|want|receive|ask; settings
        where|how|look|want|ask; settings switch; settings switch how|want|ask|message; settings receive;
        settings promo; settings receive promo; message switch; message switch how|want|ask
    """,
    "why_said": """
        why message; why message send|receive|get|came|comein; why promo send|receive|get; why unasked; why unasked
        message|send|get; what unasked; what unasked message
    """,
    "stop_offers": """
        stop promo; stop promo send|receive|message; stop message; stop message send|receive; cancel promo;
        cancel receive message; cancel promo receive; off promo|message; off promo message; halt; stop send;
        stop receive; promo stop want; stop message receive; cancel message; cancel message ask; cancel message
        promo; delete promo; delete promo send; delete identity promo; delete identity promo send; stop
        discount; stop discount send|receive|message
    """,
    "privacy": """
        privacy; privacy look|where; privacy data; share mine; share; data keep; data keep what|mine|identity;
        data share; data safe; data personal; data personal safe|what|where; data have what; data mine
        where|what; identity keep; identity keep safe|howlong; identity share; identity safe; data what; data
        use how|mine; data mine safe; privacy stop|cancel; privacy switch; data use what; privacy
        what|how|have|mine; data have|place what mine; why keep phone|identity; why keep phone|identity mine;
        why want|ask phone|identity; why want|ask phone|identity mine; data personal how|place; data personal
        how place; identity mine share
    """,
    "human": """
        human; talk human; talk service; want human; complain; complain human|service; human have; human bot;
        bot notyet|stop talk; bot talk; talk human want; talk doctor; talk doctor want; human ask; human talk
        ask; bot human stop; human speak; human speak ask
    """,
    "language": """
        language; language switch; language thai|english; switch thai|english; speak thai|english; speak
        thai|english language; thai|english; thai|english bot; fill thai|english
    """,
    "expiry": """
        point expire; point expire when|day|until|howlong|have; point lose when|day; point lose holiday; point
        lose want|notyet; point lose notyet; point until; point until when|howlong; point howlong; use point
        until; point expire mine; expire when; expire; point keep howlong; point use until; point expire list;
        expire day|when mine; point lose have; point lose own; point lose use; point expire ask; point balance
        expire; point until howlong; point lose notyet use; point unused lose; point unused lose ask|isit; point
        lose ask|isit; usepoints until|howlong; usepoints until when
    """,
    "redemptions": """
        exchanged; exchanged code|reward|coupon; exchanged point code; exchanged where|find|unused|look|how;
        exchanged code where|find; code discount find|where|look; code discount mine; code where mine; code
        find; code find where; coupon; coupon mine|where|look|find|unused; coupon mine where|find; reward own;
        reward use how; reward exchanged use; unused have; coupon unused; reward unused; code reward; coupon
        code|have|use|how|what; coupon use how; coupon cancel; exchanged cancel; coupon expire|until; coupon
        expire|until when|day; exchanged expire|until when|day; code reward where|find|look|mine; exchanged what
        mine; exchanged done; coupon code find|where|look; exchanged notyet; exchanged day code|reward|coupon;
        exchanged code find day; exchanged coupon code find; exchanged coupon find|where; reward cancel;
        exchanged reward cancel; exchanged reward cancel ask; reward cancel ask; coupon switch; coupon switch
        where; coupon arrived; exchanged reward look where; exchanged use how; exchanged use how|where
        coupon|discount|code; exchanged have what
    """,
    "rewards": """
        point usefor; point usefor get|what|how; usepoints point; usepoints exchange; usepoints point
        discount|what|get; reward; reward have|what|look|want; exchange; exchange what|how|get|want; exchange
        point; exchange point what|how|want; exchange reward; exchange discount|treatment|gift|coupon; exchange
        point treatment|discount; reward exchange what; usepoints; use point; use point how|want|what; usepoints
        what|how|discount|exchange; point use want|what|how; point discount use; reward point; reward point
        get|have|what; point get discount; exchange discount point how; point exchange discount|what|how|ask;
        point exchange usefor; gift point; gift point have|what|get; gift point have what; gift exchange; point
        switch what|how; gift look; gift look mine; usepoints get gift; usepoints gift; usepoints get; point
        want share; usepoints discount treatment
    """,
    "achievements": """
        achievement; achievement what|look|mine|done|have|notyet|get; achievement done what; achievement mine
        done; achievement howmany|where|when|how|use|everything|howmuch; achievement ask; achievement
        friend|point get; achievement gone|lose what; achievement point; achievement point have|what|want;
        achievement have what point; achievement gift point; achievement what gift point
    """,
    "tiers": """
        tier; tier what|mine|where|look|howmany|get|benefit; tier howmuch|howmany point; tier howmuch|howmany
        rise; tier rise; tier rise how|howmuch|howmany; tiername; tiername
        get|how|howmuch|howmany|benefit|what|rise; tiername rise howmuch|how|howmany; tiername point
        howmany|howmuch; tiername tier; tiername tier what|get|benefit; tiername discount; tier benefit what;
        tier point howmany|howmuch get; rise; rise how; benefit; benefit tier; benefit member; member tier;
        member tier what|mine|howmany; rise tier how; tiername want|mine|notyet|have|when|day|look; tiername
        member; tiername member get|have|benefit; rise tiername; rise tiername point; tier point rise; tiername
        point get; tiername far; tier far; tiername point far; rise when; tier when|why|how|want; tiername ask;
        tier lose ask
    """,
    "referral": """
        invite friend; invite friend point|get|how|code|link; invite friend point get; invite friend code|link
        look|what|mine; invite code|link; invite code|link mine; friend code; friend link; friend link join;
        friend join get; friend get what; friend code point; friend use code; friend place get; friend join mine
        get; friend join point; invite join point; invite join get; invite; friend invited
        get|point|join|notyet|discount; friend join notyet; invite friend discount; invite friend discount get;
        invite get|how|point|want; friend promo; invite friend promo; friend invite join notyet; friend get
        discount|promo|gift; invite gift|reward|promo|discount; friend comein get; invite friend gift|reward;
        friend comein get what; friend code send; friend code mine write; friend join point get; friend link
        send; code send friend; friend discount code; friend coupon; friend coupon get; friend join code
        what|use; friend join code what use; friend join want what code
    """,
    "checkin": """
        checkin; checkin how|where|get|day; checkin arrived; checkin arrived where|how; checkin scan; checkin
        point; checkin point get; arrived; arrived place; arrived ask; checkin ask; arrived what|how; checkin
        scan where; checkin want; arrived place scan; arrived scan; arrived scan what|where|ask; arrived place
        scan what|ask
    """,
    "review": """
        review; review write|want|where|how; review point; review point get; review point get howmany; review
        link; review place; star; review star; rate; rate where|how|want; rate service; rate appointment; review
        appointment; review ask; review write place|where; review star write; rate place; review get; review
        write point; review done|came; review send; review link send; rate human
    """,
    "birthday": """
        birthday; birthday get|what|gift|promo|how|where|have; birthday get what; birthday gift|promo have|what;
        birthday gift get|notyet; birthday point get; birthday point; birthday write|switch; birthday write
        how|where; birthday benefit|discount; birthday mine gift; birthday ask; birthday day; birthday promo;
        birthday gift ask; birthday discount ask; birthday day gift; birthday join; birthday join
        want|how|where; birthday month; birthday month mine|day; born month; born month mine|day; born day
        get|have what; born day have|get what gift|promo|discount; born figure; born figure mine|day; birthday
        wrong; birthday wrong correct|mine|write; birthday correct; birthday wrong correct mine|how
    """,
    "member_card": """
        card; card open; card look|mine|where; card member; qr; qr mine|look|where|member; qr scan human; qr
        scan; number member; number; number what|mine|forgot|look; number mine what; code member; code member
        forgot|what|mine; card human look; card where; card number; card qr; card find|ask|human; qr open;
        number look|ask|howmuch|have|want|where|find; number mine; number member ask; member card qr; qr code
        member; card arrived; card look arrived; qr arrived; qr member arrived; number member arrived; number
        human look|where; number human look where; card human look where; arrived number; arrived number ask;
        arrived number look where; qr arrived scan; qr arrived scan where; arrived number want; arrived number
        mine; arrived look what; card point where|look|find|mine
    """,
    "appointments": """
        appointment when|day|oclock; appointment mine; appointment mine when|day|oclock; appointment
        look|forgot; appointment forgot oclock|when; book forgot; book doctor forgot; book when forgot;
        appointment have when|day; appointment move; appointment move day|oclock|how; move; move day; move
        queue|book; move queue|book day; move cannotcome; appointment cannotcome; appointment cannotcome move;
        appointment cancel; appointment cancel day; cancel queue|book; cancel queue|book day; cannotcome;
        cannotcome day; appointment have; appointment what; appointment ask mine; appointment doctor oclock;
        appointment day oclock; appointment day have; appointment; appointment ask; appointment day oclock mine;
        book own when|day|oclock; book where|look|find; appointment have doctor; appointment have doctor
        when|day|oclock; queue own; queue own oclock|when|day; queue own oclock day; appointment doctor forgot;
        appointment doctor when forgot|look; appointment doctor when forgot look
    """,
    "booking": """
        book; book queue; book want|how|day|when|oclock; book day free; book treatment; book treatment day|want;
        book doctor; book doctor day|when; queue free; queue day; queue free day|when|have; queue free
        treatment; queue|free treatment day|when; free treatment day want; free treatment day have; queue day
        have; free day; doctor free; doctor free day|oclock; appointment want; appointment doctor; appointment
        doctor when|day; appointment treatment; appointment treatment day; book treatment oclock; comein day
        ask; comein treatment ask; queue have; queue have ask; free ask; free have; free
        when|day|oclock|howmany|look|want|mine|how|what|where; queue look|what|where|how; free day ask; book
        ask; book notyet; appointment want how; appointment how; book appointment; book appointment
        how|want|ask; queue ask; queue want; comein day oclock ask; treatment day ask want; treatment day free;
        doctor day free; appointment day ask; appointment treatment day ask; book friend day; book friend ask;
        book friend day ask
    """,
    "courses": """
        course mine; course mine balance|howmany|look|when|have|what; course mine balance howmany; course
        balance; course balance howmany|howmuch|look|ask|have|use|isit; course balance howmany ask|have|use;
        course own; course own howmany|when|what|balance; course expire; course expire when|day|mine|ask|isit;
        course until; course until when|mine|ask; course look; course look mine|balance; course use until;
        course howmany have own; course notyet use; course mine expire when; course balance expire; course
        unused; course unused have|mine; course use howmany; course use howmany mine; course treatment
        balance|lose howmuch|howmany|notyet|ask; course treatment balance howmany mine
    """,
    "price": """
        price; price what|look|list; price treatment; price treatment howmuch; treatment howmuch; treatment
        baht; treatment baht howmuch|howmany; treatment price baht; promo treatment; promo treatment baht; price
        service; baht howmuch; howmuch; baht; price ask; price have; treatment discount; treatment howmuch ask;
        promo have; promo have what|ask|day; promo what|ask day; promo what; promo have what ask|day; promo
        place have|what; promo look|ask; price place; price howmuch; price treatment ask; treatment price promo;
        price treatment baht|howmany; costly ask|isit|how; costly treatment; costly treatment ask|isit|how;
        costly price; costly place; costly place ask|isit; doctor price|howmuch|baht
    """,
    "hours": """
        open oclock|when|day; open oclock day; close oclock|when|day; open close; open close oclock; hours;
        hours place; place open|close oclock; open holiday; close holiday; holiday; open day place; open notyet;
        open place; close place oclock; open isit; open day isit; open holiday isit; close isit; close day;
        place open; place open when|day; hours day; hours ask; open until; close until; open day oclock isit;
        holiday open close; open want day; open everything; hours holiday; hours holiday open; until comein
        oclock; until comein oclock ask; until comein oclock day ask; until oclock ask comein day
    """,
    "contact": """
        phone; phone place|what|number; phone look|want|get; talk phone; map; map place|look|route; address;
        address place; place where; route; route place; route where|how; map ask; address ask; route ask; phone
        ask; address have|howmany|what; route have|what|look; map want; phone human place; route where isit;
        route far; place far; route what|want|ask; address place where; phone have; place address ask; number
        talk; number talk what|ask; address route
    """,
    "points": """
        point; point howmany|howmuch|have|balance|look|mine; point howmany|howmuch have|mine|balance|get; point
        balance mine|look|howmuch|have|what; point look mine; balance mine; balance look; point how; point get
        howmany; point ask; balance point ask; point want; point have isit; balance ask mine
    """,
    "history": """
        history; history point; history point look|use; history look|mine; point came; point came look; point
        came look where; point use came|what|where; point came when|what|where|day; point list; point list look;
        point gone; point gone why; point gone list|history; point lose why; point lose where; point get day
        what; point get day came; point get came; point use what day; list history; point lose list|history;
        history what; history gone what; point lose why list; history list look; point came notyet; point came
        why; point get when; point list use; point list want|ask|mine|have|look; history point ask; point get
        day; history use; point gone howmany|howmuch; point came how|get; point use list what; point came day
        notyet; point gone day; point gone where; point came how|what get; list point get|use; point gone
        what|when; point gone ask; point came when what; point came what when look; point have day look; point
        get day look; point comein; point comein appointment; point comein notyet; point comein day; point came
        appointment comein
    """,
    "friend_code": """
        code friend have; code friend write; code have; code write; invited; invited code; code gave; friend
        code gave; friend code gave have|write|where|how|want|use|forgot; code gave have|write|where|use|how;
        friend code write where|how|want|forgot|ask; friend code write where|how use; code invite have; code
        invite have write|how|where; code invite write; code invite write where|how|want|use; code write
        forgot|where|how; code write forgot join; friend invited; friend invited code; friend invited code have;
        invited code have|write; friend invite code gave; friend invite code gave have
    """,
    "join": """
        join; join how|want|where; join member; join member how|want; join get what; join get what|howmany
        point; member get what; join card|point; join card point; join free|howmuch; member free; member want;
        member free ask|isit; join member free|get; join member get what; join ask; join member ask
    """,
    "thanks": """
        thanks; thanks okay; thanks human; thanks doctor; thanks invite; thanks data; thanks service; thanks
        place; thanks okay human; thanks reward|gift|birthday|promo|friend
    """,
    "greeting": """
        hello; hello human|bot; hello doctor; hello place
    """,
}
"""Subject → its ways. Where two explain as much of a sentence, the one that stands first is meant."""

_PLAIN = """
    fill balance came when where how why what have look want mine get use day howmany howmuch notyet okay hello
    thanks send receive everything write place list done oclock off howlong find speak keep until forgot number free
    baht talk personal member ask isit comein request own halt usefor far all gave figure record wish attend around
"""
PLAIN = frozenset(_PLAIN.split())
"""Kinds that say little by themselves: left over they disturb nobody."""
ASKING = frozenset(
    {"ask", "howlong", "howmany", "howmuch", "how", "look", "oclock", "want", "what", "when", "where", "why"}
)
"""Kinds of words by which something is asked for; a text without them may only tell of something."""
ACTS = frozenset({"cancel", "copy", "correct", "delete", "halt", "move", "resume", "stop", "switch"})
"""Kinds of words by which something is asked for without any of the above."""
TOLD = "told"
"""Words by which something is told: they disturb nobody who asks, and stand against who does not."""
NOT, SYMPTOM = "not", "symptom"
"""Before a symptom, which is medical otherwise, it says that one has none."""
WISH, TALK, ATTEND, AROUND = "wish", "talk", "attend", "around"
"""Before a person who is wanted; what they are wanted for: to be talked with, to help or to call back; behind them, who
asks whether they are there."""
SOUGHT = PERSON = "human"
"""The subject, and the kind of words for whom one talks with; who wants to talk with the doctor may want to book."""
UNWANTED = "unwanted"
"""Before what somebody does not want, or does not speak of."""
MANNERS = frozenset({"greeting", "thanks"})
"""What is said around everything else, and is the subject only where nothing else is."""
_NO = frozenset({"cancel", "halt", "not", "off", "stop", UNWANTED})
AGAINST = {"want_offers": _NO | {"why"}, "write_again": _NO | {"why"}, "why_said": _NO}
"""Subjects by which somebody allows something, or asks why it came: never meant beside a word of these kinds."""
OTHERS = "others"
"""Who else has queues and appointments: where nothing is asked, these are theirs."""
AWAY = frozenset({"elsewhere", OTHERS})
"""What is not of the clinic: where it occurs little else can be meant."""
REMEDY = "remedy"
"""What asks how something is mended or looked after, which is medical otherwise."""
RECORDS = frozenset({"birthday", "data", "identity", "personal", "privacy", "wrong"})
"""What is looked after and mended without a doctor."""
URGENT = "emergency"
MEDICAL = "medical"
UNTOUCHABLE = frozenset({MEDICAL, URGENT})
"""Advice is given by people, whatever else is asked beside it."""
