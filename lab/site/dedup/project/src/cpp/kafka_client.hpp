#pragma once

#include <map>
#include <memory>
#include <string>

namespace dedup {

struct KafkaConfig {
    std::string bootstrap;
    int port = 9092;
    std::string user;
    std::string password;
    std::string acks = "all";
};

class Producer;
std::shared_ptr<Producer> make_producer(const std::map<std::string, std::string>& settings);

class KafkaClient {
public:
    explicit KafkaClient(const KafkaConfig& config);
    void connect();

private:
    KafkaConfig config_;
    std::map<std::string, std::string> settings_;
    std::shared_ptr<Producer> producer_;
};

}  // namespace dedup
