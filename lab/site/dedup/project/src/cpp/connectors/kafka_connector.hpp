#pragma once

#include <map>
#include <string>

namespace dedup {

struct KafkaConfig {
    std::string bootstrap;
    int port = 9092;
    std::string user;
    std::string password;
    std::string acks = "all";
};

class KafkaConnector {
public:
    explicit KafkaConnector(const KafkaConfig& config);
    const std::map<std::string, std::string>& settings() const { return settings_; }

private:
    std::map<std::string, std::string> settings_;
};

}  // namespace dedup
