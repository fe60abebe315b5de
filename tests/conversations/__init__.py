"""Golden conversations: what is said to and fro, as people read it. The `.txt` files are the tests.

A line at the margin is done by somebody; what is indented under it is what everybody then hears.

    load examples/good-city.yaml            a file is loaded, and opened if it is a consultation
    later 3 days                            time passes (minutes, hours, days)
    ann> /start                             Ann writes to the bot, in Telegram
    bob@slack> hello                        Bob does, in Slack; `@web` is the web chat
    ann> [Yes, I agree]                     she presses a button
    ann in #town> /idea More benches        she says it in a group
    ann in #town replies to bob> /idea      pointing at the last thing that Bob said there
    bob in #town says> We need benches      said in the group, but not to us
    ann edits> More benches by the river    changes her last message
    ann in #town :bulb: bob>                puts Bob's last words there forward
    # anything                              a remark

`python -m tests.conversations FILE…` writes what is heard anew; read the difference before you believe it.
"""
