#!/usr/bin/env ruby
# Runs the standup: "!standup" asks, whoever answers that (reply) is thanked, and "!standup who" tells who has spoken today.
#   readyroom bot --server URL --token T --room lobby -- ./standup.rb
# Ruby keeps what it writes to a pipe in a buffer: $stdout.sync = true sends each line at once.
require "json"
$stdout.sync = true
spoken = Hash.new { |days, day| days[day] = [] }
$stdin.each_line do |line|
  m = JSON.parse(line)
  today = spoken[Time.at(m["at"] / 1000).strftime("%F")]
  case
  when m["text"] == "!standup" then text = "Good morning! What did you do, what comes next, what is in the way? Reply to a message."
  when m["text"] == "!standup who" then text = today.empty? ? "Nobody has spoken yet." : "Spoken today: #{today.join(", ")}"
  when m["reply_to"] && !today.include?(m["by"]["name"]) then today << m["by"]["name"] and text = "Thank you, #{m["by"]["name"]}."
  end
  puts({ text: text, room_id: m["room_id"], reply_to: m["seq"] }.to_json) if text
end
