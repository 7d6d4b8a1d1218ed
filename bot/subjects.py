"""What a short sentence may be about, and which words of which kinds tell.

Between semicolons stands one way to say it: kinds of words (`runtime/locales/*/kinds.po`), all of which must occur,
`a|b` either. The more a way says, the surer it is; what it leaves of a sentence decides the rest.
"""

SUBJECTS: dict[str, str] = {
    "delete_data": """
        delete data|account|identity|history; delete data personal; delete everything mine|keep; delete member;
        delete member everything; delete personal; off|close|cancel account; cancel member; stop member;
        delete data everything
    """,
    "copy_data": """
        copy data|everything; copy data want|mine; copy personal|account; copy history personal|mine;
        copy data|history receive|send|want; send data mine|everything; copy data mine|personal|member;
        copy everything mine|keep; data keep send
    """,
    "stop_offers": """
        stop promo; stop promo send|receive|message; stop message; stop message send|receive; cancel promo;
        cancel receive message; cancel promo receive; off promo|message; off promo message; stop; stop send
    """,
    "privacy": """
        privacy; privacy look|where; privacy data; share mine; share; data keep; data keep what|mine|identity;
        data share; data safe; data personal; data personal safe|what|where; data have what;
        data mine where|what; identity keep; identity keep safe|howlong; identity share; identity safe;
        data what
    """,
    "human": """
        human; talk human; talk service; want human; complain; complain human|service; human have; human bot;
        bot notyet|stop talk; bot talk; talk human want
    """,
    "language": """
        language; language switch; language thai|english; switch thai|english; speak thai|english;
        speak thai|english language; thai|english; thai|english bot; fill thai|english
    """,
    "expiry": """
        point expire; point expire when|day|until|howlong|have; point lose when|day; point lose holiday;
        point lose want|notyet; point lose notyet; point until; point until when|howlong; point howlong;
        use point until; point expire mine; expire when; expire
    """,
    "redemptions": """
        exchanged; exchanged code|reward|coupon; exchanged point code; exchanged where|find|unused|look|how;
        exchanged code where|find; code discount find|where|look; code discount mine; code where mine;
        code find; code find where; coupon; coupon mine|where|look|find|unused; coupon mine where|find;
        reward mine; reward use how; reward exchanged use; unused have; coupon unused; reward unused;
        code reward
    """,
    "rewards": """
        reward; reward have|what|look|want; exchange; exchange what|how|get|want; exchange point;
        exchange point what|how|want; exchange reward; exchange discount|treatment|gift|coupon;
        exchange point treatment|discount; reward exchange what; usepoints; use point; use point how|want|what;
        usepoints what|how|discount|exchange; point use want|what|how; point discount use
    """,
    "achievements": """
        achievement; achievement what|look|mine|done|have|notyet|get; achievement done what;
        achievement mine done
    """,
    "tiers": """
        tier; tier what|mine|where|look|howmany|get|benefit; tier howmuch|howmany point;
        tier howmuch|howmany rise; tier rise; tier rise how|howmuch|howmany; tiername;
        tiername get|how|howmuch|howmany|benefit|what|rise; tiername rise howmuch|how|howmany;
        tiername point howmany|howmuch; tiername tier; tiername tier what|get|benefit; tiername discount;
        tier benefit what; tier point howmany|howmuch get; rise; rise how; benefit; benefit tier;
        benefit member; member tier; member tier what|mine|howmany
    """,
    "referral": """
        invite friend; invite friend point|get|how|code|link; invite friend point get;
        invite friend code|link look|what|mine; invite code|link; invite code|link mine; friend code;
        friend link; friend link join; friend join get; friend get what; friend code point; friend use code;
        friend place get; friend join mine get; friend join point; invite join point; invite join get; invite
    """,
    "checkin": """
        checkin; checkin how|where|get|day; checkin arrived; checkin arrived where|how; checkin scan;
        checkin point; checkin point get; arrived; arrived place
    """,
    "review": """
        review; review write|want|where|how; review point; review point get; review point get howmany;
        review link; review place; star; review star; rate; rate where|how|want; rate service;
        rate appointment; review appointment
    """,
    "birthday": """
        birthday; birthday get|what|gift|promo|how|where|have; birthday get what;
        birthday gift|promo have|what; birthday gift get|notyet; birthday point get; birthday point;
        birthday write|switch; birthday write how|where; birthday benefit|discount; birthday mine gift
    """,
    "member_card": """
        card; card open; card look|mine|where; card member; qr; qr mine|look|where|member; qr scan human;
        qr scan; number member; number; number what|mine|forgot|look; number mine what; code member;
        code member forgot|what|mine; card human look; card where
    """,
    "appointments": """
        appointment when|day|oclock; appointment mine; appointment mine when|day|oclock;
        appointment look|forgot; appointment forgot oclock|when; book forgot; book doctor forgot;
        book when forgot; appointment have when|day; appointment move; appointment move day|oclock|how; move;
        move day; move queue|book; move queue|book day; move cannotcome; appointment cannotcome;
        appointment cannotcome move; appointment cancel; appointment cancel day; cancel queue|book;
        cancel queue|book day; cannotcome; cannotcome day
    """,
    "booking": """
        book; book queue; book want|how|day|when|oclock; book day free; book treatment;
        book treatment day|want; book doctor; book doctor day|when; queue free; queue day;
        queue free day|when|have; queue free treatment; queue|free treatment day|when; free treatment day want;
        free treatment day have; queue day have; free day; doctor free; doctor free day|oclock;
        appointment want; appointment doctor; appointment doctor when|day; appointment treatment;
        appointment treatment day; book treatment oclock
    """,
    "price": """
        price; price what|look|list; price treatment; price treatment howmuch; treatment howmuch;
        treatment baht; treatment baht howmuch|howmany; treatment price baht; promo treatment;
        promo treatment baht; price service; baht howmuch
    """,
    "hours": """
        open oclock|when|day; open oclock day; close oclock|when|day; open close; open close oclock; hours;
        hours place; place open|close oclock; open holiday; close holiday; holiday; open day place;
        open notyet; open place; close place oclock
    """,
    "contact": """
        phone; phone place|what|number; phone look|want|get; talk phone; map; map place|look|route; address;
        address place; place where; route; route place; route where|how
    """,
    "points": """
        point; point howmany|howmuch|have|balance|look|mine; point howmany|howmuch have|mine|balance|get;
        point balance mine|look|howmuch|have|what; point look mine; balance mine; balance look; point how;
        point get howmany
    """,
    "history": """
        history; history point; history point look|use; history look|mine; point came; point came look;
        point came look where; point use came|what|where; point came when|what|where|day; point list;
        point list look; point gone; point gone why; point gone list|history; point lose why; point lose where;
        point get day what; point get day came; point get came; point use what day; list history;
        point lose list|history; history list look
    """,
    "friend_code": """
        code friend have; code friend write; code have; code write; invited; invited code
    """,
    "join": """
        join; join how|want|where; join member; join member how|want; join get what
    """,
    "thanks": """
        thanks; thanks okay
    """,
    "greeting": """
        hello; hello human|bot
    """,
}
"""Subject → its ways. Where two explain as much of a sentence, the one that stands first is meant."""

_PLAIN = """
    fill balance came when where how why what have look want mine get use day howmany howmuch notyet okay hello thanks
    send receive everything write place list done oclock off howlong find speak keep until forgot number free baht talk
    personal member
"""
PLAIN = frozenset(_PLAIN.split())
"""Kinds that say little by themselves: left over they disturb nobody."""
AWAY = frozenset({"elsewhere"})
"""What is not of the clinic: where it occurs little else can be meant."""
UNTOUCHABLE = frozenset({"medical"})
"""Advice is given by people, whatever else is asked beside it."""
