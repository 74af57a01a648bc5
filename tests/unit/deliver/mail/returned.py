"""Messages that mail servers send to a return path, in the shapes of the most common ones."""

import base64

TO = "bounce+aaaaaaaaaaaaaaaa0123456789abcdef0123456789abcdef@mail.news.example"

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Received: by mx.partner.example (Postfix)
\tid 4F0C61A0B2; Mon,  2 Mar 2026 12:00:03 +0000 (UTC)
Date: Mon,  2 Mar 2026 12:00:03 +0000 (UTC)
From: MAILER-DAEMON@mx.partner.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9C31D1A0AF.1772452803/mx.partner.example"
Content-Transfer-Encoding: 8bit
Message-Id: <20260302120003.4F0C61A0B2@mx.partner.example>

This is a MIME-encapsulated message.

--9C31D1A0AF.1772452803/mx.partner.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

This is the mail system at host mx.partner.example.

<desk@example.org>: host mx.example.org[192.0.2.9] said: {reply} (in reply to RCPT TO command)

--9C31D1A0AF.1772452803/mx.partner.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.partner.example
X-Postfix-Queue-ID: 9C31D1A0AF
Arrival-Date: Mon,  2 Mar 2026 12:00:02 +0000 (UTC)

Final-Recipient: rfc822; desk@example.org
Original-Recipient: rfc822;desk@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {reply}

--9C31D1A0AF.1772452803/mx.partner.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

Subject: Ferry sinks

Action: delivered
--9C31D1A0AF.1772452803/mx.partner.example--
"""

EXIM = """\
X-Failed-Recipients: desk@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.partner.example>
To: {to}
References: <msg_1@harbour.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=1772452803-eximdsn-1804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1vx2Fq-0001Ab-Cd@mx.partner.example>

--1772452803-eximdsn-1804289383
Content-type: text/plain; charset=us-ascii

  desk@example.org
    Unrouteable address

--1772452803-eximdsn-1804289383
Content-type: message/delivery-status

Reporting-MTA: dns; mx.partner.example

Action: failed
Final-Recipient: rfc822;desk@example.org
Status: 5.0.0

--1772452803-eximdsn-1804289383
Content-type: text/rfc822-headers

Subject: Ferry sinks

--1772452803-eximdsn-1804289383--
"""

SENDMAIL = """\
From: Mail Delivery Subsystem <MAILER-DAEMON@mx.partner.example>
Message-Id: <202603021200.622C03aB012345@mx.partner.example>
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
        boundary="622C03aB012345.1772452803/mx.partner.example"
Subject: Returned mail: see transcript for details
Auto-Submitted: auto-generated (failure)

This is a MIME-encapsulated message

--622C03aB012345.1772452803/mx.partner.example

   ----- The following addresses had permanent fatal errors -----
<desk@example.org>
    (reason: 550 5.1.1 <desk@example.org>... User unknown)

--622C03aB012345.1772452803/mx.partner.example
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.partner.example
Arrival-Date: Mon, 2 Mar 2026 12:00:03 GMT

Final-Recipient: RFC822; other@example.org
Action: relayed
Status: 2.1.5

Final-Recipient: RFC822; desk@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: SMTP; 550 5.1.1 <desk@example.org>... User unknown
Last-Attempt-Date: Mon, 2 Mar 2026 12:00:03 GMT

--622C03aB012345.1772452803/mx.partner.example
Content-Type: text/rfc822-headers

Subject: Ferry sinks

--622C03aB012345.1772452803/mx.partner.example--
"""

_EXCHANGE_STATUS = """\
Reporting-MTA: dns;AM0PR01MB4321.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;mail.harbour.example
Arrival-Date: Mon, 2 Mar 2026 12:00:02 +0000

Final-Recipient: rfc822;desk@example.org
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient
 desk@example.org not found by SMTP address lookup
X-Display-Name: desk@example.org
"""

EXCHANGE = (
    """\
From: <postmaster@example.org>
To: <{to}>
Date: Mon, 2 Mar 2026 12:00:03 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="00000000-0000-0000-0000-0af1c2d3e4f5"
Content-Language: en-GB
Message-ID: <d5a5b0f8-1c1e-4b7e@AM0PR01MB4321.eurprd01.prod.exchangelabs.com>
Subject: =?utf-8?B?VW56dXN0ZWxsYmFy?=: Ferry sinks
Auto-Submitted: auto-replied

--00000000-0000-0000-0000-0af1c2d3e4f5
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="00000000-0000-0000-0000-inside"

--00000000-0000-0000-0000-inside
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

"""
    + base64.encodebytes("Zustellung an „desk“ ist fehlgeschlagen.".encode()).decode()
    + """
--00000000-0000-0000-0000-inside--

--00000000-0000-0000-0000-0af1c2d3e4f5
Content-Type: message/delivery-status
Content-Transfer-Encoding: base64

"""
    + base64.encodebytes(_EXCHANGE_STATUS.replace("\n", "\r\n").encode()).decode()
    + """
--00000000-0000-0000-0000-0af1c2d3e4f5
Content-Type: message/rfc822

Subject: Ferry sinks

--00000000-0000-0000-0000-0af1c2d3e4f5--
"""
)

GMAIL = """\
Return-Path: <>
Message-ID: <69a57c03.050a0220.1f2e3d.0a1b.GMR@mx.google.com>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: {to}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
Content-Type: multipart/report; boundary="000000000000a1b2c3064c0d1e2f"; report-type=delivery-status
X-Failed-Recipients: desk@example.org

--000000000000a1b2c3064c0d1e2f
Content-Type: text/plain; charset="UTF-8"

** Die E-Mail wurde nicht zugestellt **

--000000000000a1b2c3064c0d1e2f
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 02 Mar 2026 04:00:03 -0800 (PST)
X-Original-Message-ID: <msg_1@harbour.example>

Final-Recipient: rfc822; desk@example.org
Action: failed
Status: 4.4.1
Diagnostic-Code: smtp; The recipient server did not accept our requests to connect.
Last-Attempt-Date: Mon, 02 Mar 2026 04:00:03 -0800 (PST)

--000000000000a1b2c3064c0d1e2f
Content-Type: message/rfc822

Subject: Ferry sinks

--000000000000a1b2c3064c0d1e2f--
"""

VACATION = """\
From: desk@example.org
To: {to}
Subject: Out of office
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8
Message-ID: <vacation-1@example.org>

I am away until the 9th.
Action: failed
Status: 5.1.1
"""

RECEIPT = """\
From: desk@example.org
To: {to}
Subject: Read: Ferry sinks
Content-Type: multipart/report; report-type=disposition-notification; boundary=read
Message-ID: <read-1@example.org>

--read
Content-Type: text/plain

Your message was read.

--read
Content-Type: message/disposition-notification

Final-Recipient: rfc822;desk@example.org
Disposition: manual-action/MDN-sent-manually; displayed
Action: failed
Status: 5.1.1

--read--
"""

UNKNOWN_USER = "550 5.1.1 <desk@example.org>: Recipient address rejected: User unknown"
FULL = "452 4.2.2 The recipient's inbox is over quota"


def message(text: str, to: str = TO, **fields: str) -> bytes:
    """A message as it comes over SMTP; braces are for the address and for what the shape leaves."""
    for name, value in {"to": to, **fields}.items():
        text = text.replace(f"{{{name}}}", value)
    return text.replace("\n", "\r\n").encode()


def postfix(
    action: str = "failed", status: str = "5.1.1", reply: str = UNKNOWN_USER, to: str = TO
) -> bytes:
    """A report of Postfix's."""
    return message(POSTFIX, to, action=action, status=status, reply=reply)
