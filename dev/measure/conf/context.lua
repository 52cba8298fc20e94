-- The keys of mailbox.log's context as keys of the record.
local names = {
  name = "user", ip = "proxy_ip", oip = "client_ip",
  mid = "mailbox_id", ua = "user_agent", soapId = "soap_id",
}

function context(tag, time, record)
  local text = record["context"]
  if text == nil then
    return 0, 0, 0
  end
  for key, value in string.gmatch(text, "(%w+)=([^;]*);") do
    local name = names[key]
    if name ~= nil then
      record[name] = value
    end
  end
  return 2, 0, record
end
